"""src/engine/ort_abi.h against the header of ONNX Runtime 1.21 as Debian 13 packages it.

The compiler compares: every place in the function table, every signature, every enum value. The package is fetched once
through apt state of its own (the machine's mirror, suite trixie, verified by the archive keyring), never installed, and
kept in the folder of pinned parts. Without it nothing was compared, so the test fails.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["DLGUIDER_SOURCE"])
DEPS = pathlib.Path(os.environ["DLGUIDER_DEPS"])
PACKAGE = "libonnxruntime-dev"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

PROGRAM = """
#include "onnxruntime_c_api.h"
#include "%s"
_Static_assert(ORT_API_VERSION == ORT_ABI_VERSION, "API version");
#define X(at, name, result, parameters) \\
	_Static_assert(offsetof(OrtApi, name) == (at) * sizeof(void *), "place of " #name);
ORT_ABI_CALLS(X)
#undef X
#define X(name, value) _Static_assert((int)ORT_##name == (value), "error " #name);
ORT_ABI_ERRORS(X)
#undef X
#define X(name, value) _Static_assert((int)ONNX_TENSOR_ELEMENT_DATA_TYPE_##name == (value), "type " #name);
ORT_ABI_TYPES(X)
#undef X
_Static_assert((int)ORT_LOGGING_LEVEL_FATAL == (int)ORT_ABI_LOG_FATAL, "log level");
_Static_assert((int)ORT_DISABLE_ALL == (int)ORT_ABI_OPTIMIZE_NONE, "optimisation");
_Static_assert((int)ORT_ENABLE_ALL == (int)ORT_ABI_OPTIMIZE_ALL, "optimisation");
_Static_assert((int)OrtDeviceAllocator == (int)ORT_ABI_ALLOCATOR_DEVICE, "allocator");
_Static_assert((int)OrtMemTypeDefault == (int)ORT_ABI_MEMORY_DEFAULT, "memory type");
_Static_assert(offsetof(OrtApiBase, GetApi) == offsetof(ort_base, GetApi), "GetApi");
_Static_assert(offsetof(OrtApiBase, GetVersionString) == offsetof(ort_base, GetVersionString), "GetVersionString");
void signatures(const OrtApi *theirs);
void signatures(const OrtApi *theirs)
{
#define X(at, name, result, parameters) ort_##name own_##name = theirs->name; (void)own_##name;
	ORT_ABI_CALLS(X)
#undef X
}
"""


def mirrors():
    """The Debian mirrors that this machine uses, then Debian's own."""
    found = []
    for path in [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]:
        if not path.is_file() or path.suffix not in (".list", ".sources"):
            continue
        for line in path.read_text(errors="replace").splitlines():
            if not line.startswith(("deb ", "URIs:")):
                continue
            found += [uri for uri in re.findall(r"https?://[^\s\]]+", line) if uri.rstrip("/").endswith("/debian")]
    return list(dict.fromkeys([*found, "http://deb.debian.org/debian"]))


def fetch(mirror, folder):
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} trixie main\n")
    options = {"Dir::State": folder / "state", "Dir::State::status": folder / "status", "Dir::Cache": folder / "cache",
               "Dir::Etc::sourcelist": folder / "sources.list", "Dir::Etc::sourceparts": "-",
               "Acquire::Languages": "none", "Acquire::Retries": "2", "APT::Sandbox::User": "root"}
    apt = ["apt-get", "-qq", *[part for key, value in options.items() for part in ("-o", f"{key}={value}")]]
    for verb in (["update"], ["download", PACKAGE]):
        done = subprocess.run(apt + verb, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1:]
    return []


def package():
    kept = sorted(DEPS.glob(f"{PACKAGE}_1.21*.deb"))
    if kept:
        return kept[0]
    if not shutil.which("apt-get") or not os.path.exists(KEYRING):
        sys.exit(f"FAILED, nothing was compared: {PACKAGE} 1.21 is neither in {DEPS} nor can it be fetched here "
                 f"(needs apt-get and {KEYRING}); put the .deb of Debian 13 into that folder")
    why = []
    for mirror in mirrors():
        with tempfile.TemporaryDirectory() as folder:
            why += fetch(mirror, pathlib.Path(folder))
            for deb in pathlib.Path(folder).glob(f"{PACKAGE}_1.21*.deb"):
                return shutil.move(deb, DEPS / deb.name)
    sys.exit(f"FAILED, nothing was compared: cannot fetch {PACKAGE} 1.21 of Debian 13 from {mirrors()}: {why}")


def compiles(header, include):
    done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", str(include), "-x", "c", "-"],
                          input=PROGRAM % header, capture_output=True, text=True)
    return done.returncode == 0, done.stderr


def main():
    ours = SOURCE / "src/engine/ort_abi.h"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(package()), folder], check=True)
        include = pathlib.Path(folder) / "usr/include/onnxruntime"
        fits, text = compiles(ours, include)
        assert fits, text
        # The comparison itself must be able to fail: a shifted place, a changed signature, a changed value.
        for right, wrong in (("X(9, Run,", "X(8, Run,"), ("int level))", "int64_t level))"), ("X(BOOL, 9)", "X(BOOL, 8)")):
            text = ours.read_text()
            assert right in text, right
            changed = pathlib.Path(folder) / "changed.h"
            changed.write_text(text.replace(right, wrong))
            assert not compiles(changed, include)[0], f"{wrong} was not noticed"
        calls = len(re.findall(r"^\tX\(\d+, \w+, ", ours.read_text(), re.M))
        assert calls > 25
        print(f"{calls} entries of the table equal those of the packaged header")


main()
