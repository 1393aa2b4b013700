"""Tell whether the interpreter that runs this file can carry the project.

Run by the Makefile with each candidate, before anything is installed: it says nothing and exits
with 0 if all is there, otherwise it says what is missing and exits with 1. So it uses the standard
library only, and keeps to a syntax that older interpreters read too.
"""

import importlib.util
import os
import shlex
import shutil
import sys
import sysconfig

OLDEST = (3, 11)
NEWEST = (3, 12)  # durable-rules does not import on 3.13: functions of the C API were removed


def missing():
    """Name what this interpreter lacks, in English and Chinese, or return None."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return "neither Python 3.11 nor 3.12 / 不是 Python 3.11 或 3.12"
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return (
            "no venv module (Debian: apt-get install python3-venv)"
            " / 缺少 venv 模块（Debian 系统安装 python3-venv）"
        )
    if not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
        return (
            "no header files, Python.h (Debian: apt-get install python3-dev)"
            " / 缺少头文件 Python.h（Debian 系统安装 python3-dev）"
        )
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if shutil.which(compiler) is None:
        return (
            f"no C compiler: {compiler} (Debian: apt-get install gcc libc6-dev)"
            f" / 缺少 C 编译器 {compiler}（Debian 系统安装 gcc libc6-dev）"
        )
    return None


if __name__ == "__main__":
    lack = missing()
    if lack is not None:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"  {sys.executable} ({version}): {lack}")
