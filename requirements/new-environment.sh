#!/bin/sh
# new-environment.sh DIRECTORY CANDIDATE...
# Makes an empty environment with the first interpreter that can carry the project. Candidates are
# chosen by running them: a name on PATH may be a shim that leads nowhere. An old environment is
# cleared, since what is already installed would stay without its hash being checked.
set -eu

directory=$1
shift
reasons=
for candidate in "$@"; do
    if ! "$candidate" -c '' >/dev/null 2>&1; then
        reason="  $candidate: does not run / 无法运行"
    elif reason=$("$candidate" "$(dirname "$0")/interpreter.py" 2>&1); then
        echo "== $directory: $("$candidate" --version)"
        exec "$candidate" -m venv --clear "$directory"
    fi
    reasons="$reasons$reason
"
done

cat >&2 <<MESSAGE
No suitable Python was found: 3.11 or 3.12 with venv, header files and a C compiler is needed.
没有找到可用的 Python：需要 3.11 或 3.12，并带有 venv、头文件和 C 编译器。
Tried / 已尝试：
${reasons}Choose another one / 指定其他解释器: make PYTHON=/path/to/python3.12
MESSAGE
exit 1
