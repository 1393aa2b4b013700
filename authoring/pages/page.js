// What Streamlit offers no setting for: the language of the document, its own few English words,
// two keys, and leading to a field. It changes nothing else, and asks nothing of any other machine.
(() => {
  if (window.tiaoliLeadTo) return;
  document.documentElement.lang = "zh-CN";

  window.tiaoliLeadTo = (key) => {
    let tries = 150;
    const field = () => document.querySelector(".st-key-" + CSS.escape(key));
    const target = () => field()?.querySelector("input") ?? field()?.querySelector("[role=radiogroup] button, [role=radio]");
    const lead = () => {
      const place = field();
      // On a busy machine the field may not be there yet, or not yet take a cursor.
      if (!place || target()?.disabled) return tries-- && setTimeout(lead, 100);
      place.scrollIntoView({ block: "center", behavior: "smooth" });
      target()?.focus({ preventScroll: true });
      stay();
    };
    // Streamlit may still be laying out what comes above: look again until it is done, or someone scrolls.
    const stay = () => {
      const hands = new AbortController();
      const looks = setInterval(() => {
        const box = field()?.getBoundingClientRect();
        if (box && (box.top < 0 || box.bottom > innerHeight)) field().scrollIntoView({ block: "center" });
        if (document.activeElement === document.body) target()?.focus({ preventScroll: true });
      }, 700);
      const leave = () => { clearInterval(looks); hands.abort(); };
      for (const sign of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(sign, leave, { signal: hands.signal });
      setTimeout(leave, 10000);
    };
    setTimeout(lead, 50);
  };

  // Each wish to print is met once, however often its page is drawn again.
  let printed = 0;
  window.tiaoliPrint = (wish) => {
    if (wish <= printed) return;
    printed = wish;
    setTimeout(() => window.print(), 300);
  };

  // A page that is loaded anew begins with nothing: the browser asks first, where something would be lost.
  const FIELD = ".st-key-form [class*=st-key-field-] ";
  const KEPT = `.st-key-folded-form, [class*=st-key-kept-], ${FIELD}[aria-checked=true], ${FIELD}[data-tag]`;
  const isFilled = () => document.querySelector(KEPT) || [...document.querySelectorAll(FIELD + "input")].some((each) => each.value);
  addEventListener("beforeunload", (leaving) => { if (isFilled()) leaving.preventDefault(); });

  // Streamlit greys the page while a connection is being mended, and says nothing for a long while.
  const lost = Object.assign(document.createElement("div"), { className: "tl-lost", hidden: true, textContent: "与服务器的连接断了，正在重新连接。请先不要刷新页面：连上以后可以接着用。" });
  lost.setAttribute("role", "status");
  document.body.append(lost);
  let looks = 0;
  setInterval(() => {
    const state = document.querySelector("[data-test-connection-state]")?.dataset.testConnectionState;
    looks = state && state !== "CONNECTED" ? looks + 1 : 0;
    lost.hidden = looks < 3;
  }, 1000);

  window.tiaoliToTop = () => document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);

  // The whole row of a project answers to a click. What is marked with the mouse is not clicked at.
  addEventListener("click", (click) => {
    const row = click.target.closest?.(".st-key-projects [class*=st-key-project-]");
    if (row && !click.target.closest("button") && getSelection().isCollapsed) row.querySelector("button:not([disabled])")?.click();
  });

  // Ctrl+Enter means the whole form from wherever it is pressed: a widget would take the Enter for
  // itself, as 是 and 否 do. What is being typed counts as soon as its field is left.
  const starts = (key) => key.key === "Enter" && (key.ctrlKey || key.metaKey) && !key.isComposing;
  const startButton = () => document.querySelector(".st-key-form-head button");
  const mine = (key) => { key.preventDefault(); key.stopImmediatePropagation(); };
  addEventListener("keydown", (key) => {
    if (!starts(key) || !startButton()) return;
    mine(key);
    if (key.repeat) return;
    document.activeElement?.blur();
    setTimeout(() => startButton()?.click());
  }, true);

  // Esc closes a list. Streamlit would take back the choice as well, also where no list is open.
  addEventListener("keydown", (key) => {
    const field = key.key === "Escape" && !key.isComposing && key.target.closest?.("[data-testid=stSelectbox] input");
    if (!field) return;
    mine(key);
    if (field.getAttribute("aria-expanded") !== "true") return;
    field.blur();
    field.focus({ preventScroll: true });
  }, true);

  const WORDS = {
    "No results": "没有匹配项", "No options to select": "没有可选项", "Choose an option": "请选择", "Choose options": "请选择",
    "Clear value": "清除", "Clear all": "全部清除", "Clear": "清除", "open": "展开", "Open": "展开", "Suggestions": "选项", "Select all": "全选",
    "Dismiss": "关闭", "Close": "关闭", "Help for": "说明", "Show help": "说明", "Help": "说明",
    "Sidebar": "导航", "App pages": "各页面", "Skip to main content": "跳到正文", "Collapse sidebar": "收起导航", "Expand sidebar": "展开导航",
    "Upload": "选择文件", "Add files": "再选文件", "file upload": "上传文件", "Error:": "错误：", "Cancel upload": "取消上传", "Remove file": "移除文件",
    "Fullscreen": "全屏", "Close fullscreen": "退出全屏", "View fullscreen": "全屏", "Exit fullscreen": "退出全屏",
    "Connecting": "正在连接", "Connecting to Streamlit server": "正在连接服务器", "Connection error": "连接中断", "Error": "出错",
    "Running...": "正在计算", "Running…": "正在计算", "Stop": "停止", "Print": "打印", "Rerun": "刷新", "Add": "添加", "add icon": "添加", "progress": "进度", "Main menu": "菜单",
    "Selected values": "已选", "Link to heading": "本节链接", "Copy to clipboard": "复制", "Copied": "已复制", "Page not found": "没有这个页面",
  };
  const PHRASES = [
    [/^(\d+) ?MB per file$/, "每个文件不超过 $1 MB"],
    [/^File must be .* or smaller\.$/, "文件太大，没有上传。"],
    [/^.*files are not allowed\.$/, "不能上传这种文件，请选这里写明的格式。"],
    [/^Is Streamlit still running\?.*$/, "服务可能已停止，正在重新连接。如果一直连不上，请联系系统管理员重新启动。"],
    [/^(You have requested page|The page that you have requested) .*$/, "地址有误，已打开首页。请从左边的导航进入其他页面。"],
    [/^Streamlit server is not responding.*$/, "服务器没有回应，正在重新连接。如果一直连不上，请检查网络，或联系系统管理员。"],
    [/^Connection failed with status.*$/, "连接失败，请稍后刷新本页。"],
    [/^Failed to generate file for download\.?$/, "程序出错了，文件没有做成。请告诉系统管理员出错的时间，日志里记有详情。"],
    [/^Connection lost\. .*$/, "连接中断。请等页面重新连上，再试一次。"],
    [/^Connection timed out\.?$/, "连接超时，正在重新连接。"],
    [/^(\d+) options? available\.$/, "有 $1 个选项。"],
    [/^Shortcut (.*)$/, "快捷键 $1"],
    [/^Fullscreen: (.*)$/, "全屏：$1"], [/^Help for (.*)$/, "说明：$1"], [/^Remove (.*)$/, "移除 $1"], [/^Upload (.*)$/, "上传 $1"], [/^Clear (.*)$/, "清除 $1"], [/^Open (.*)$/, "展开 $1"],
  ];
  const chinese = (words) => {
    const phrase = PHRASES.find(([english]) => english.test(words));
    return Object.hasOwn(WORDS, words) ? WORDS[words] : phrase && words.replace(...phrase);
  };
  const NAMES = ["aria-label", "title", "placeholder", "aria-description"];
  // What a workbook or a person wrote stays as it is, also where it reads like a word of Streamlit.
  const THEIRS = ".tl, .tl-policy, textarea, [data-testid=stMarkdownContainer]:not([data-testid=stFileUploader] button *), [data-baseweb=tag], [data-testid=stFileUploaderFileName]";
  const OF_LISTS = ["No results", "Select all", "No options to select"];
  const speakText = (node) => {
    const words = node.nodeValue.trim(), home = node.parentElement;
    if (!home || home.closest(THEIRS) || (home.closest("[role=option]") && !OF_LISTS.includes(words))) return;
    const word = chinese(words);
    if (word) node.nodeValue = word;
  };
  // The name of a widget is that of its field, and its hint of ours.
  const NAMED = "input:not([type=file]), textarea, [role=radiogroup]";
  const speakNames = (node) => {
    for (const name of NAMES) {
      if (name === "aria-label" && node.matches(NAMED)) continue;
      const word = node.hasAttribute(name) && chinese(node.getAttribute(name));
      if (word) node.setAttribute(name, word);
    }
  };
  const speak = (node) => {
    if (node.nodeType === Node.TEXT_NODE) speakText(node);
    else if (node.nodeType === Node.ELEMENT_NODE && !node.closest(".tl, script, style")) {
      speakNames(node);
      node.childNodes.forEach(speak);
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") speakText(change.target);
      else if (change.type === "attributes") speakNames(change.target);
      else change.addedNodes.forEach(speak);
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: NAMES });
  speak(document.body);
})();
