"""dlguider.h is clean C99 and C++17, alone and strict, and stays below 600 lines."""
import os, pathlib, shutil, subprocess

HEADER = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "include/dlguider.h"
STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wundef", "-Wconversion"]

assert len(HEADER.read_text().splitlines()) < 600
tried = 0
for compiler in ["gcc", "clang"]:
    if shutil.which(compiler):
        for language, standard in [("c", "c99"), ("c", "c11"), ("c++", "c++17")]:
            if compiler == "gcc" and language == "c++" and not shutil.which("g++"):
                continue
            code = '#include "dlguider.h"\n#include "dlguider.h"\nint use(void);\nint use(void) { dlg_page page = { sizeof page, 0, 0, 0, 0, 0 }; return page.width; }\n'
            done = subprocess.run([compiler, "-x", language, f"-std={standard}", f"-I{HEADER.parent}", *STRICT, "-"], input=code, capture_output=True, text=True)
            assert done.returncode == 0, f"{compiler} {standard}: {done.stderr}"
            tried += 1
assert tried >= 3
