"""The installed tree can be moved, and C programs outside the tree build against it by pkg-config and by CMake.

An optimised build of its own is made once below the build folder: sanitizers would not be installed by anybody.
"""
import json, os, pathlib, shutil, subprocess, tempfile

SOURCE, BUILD = pathlib.Path(os.environ["DLGUIDER_SOURCE"]), pathlib.Path(os.environ["DLGUIDER_BUILD"])
PROGRAM = r"""
#include <dlguider.h>
#include <stdio.h>
int main(void)
{
	dlg_error err = { DLG_OK, "" };
	dlg_model *model = NULL;
	dlg_engine engine;
	if (dlg_model_open("/nonexistent.keras", &model, &err) != DLG_E_INPUT || model)
		return 1;
	engine.size = sizeof engine;
	err.status = DLG_OK;
	if (dlg_engine_info(&engine, &err) != DLG_OK)
		return 2;
	printf("%s\n%s\n", dlg_version(), engine.path);
	return 0;
}
"""
CMAKE = """
cmake_minimum_required(VERSION 3.22)
project(outside C)
find_package(dlguider 0.1 REQUIRED)
add_executable(outside outside.c)
target_link_libraries(outside PRIVATE dlguider::dlguider)
"""


def run(*argv, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def check_program(output, prefix):
    version, engine = output.splitlines()
    assert version == "0.1.0", version
    assert pathlib.Path(engine) == prefix / "lib/dlguider/libonnxruntime.so.1", engine


def main():
    deps = next(line.split("=", 1)[1] for line in (BUILD / "CMakeCache.txt").read_text().splitlines() if line.startswith("DLGUIDER_DEPS:"))
    optimised = BUILD / "install-test"
    if not (optimised / "build.ninja").exists():
        run("cmake", "-S", SOURCE, "-B", optimised, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DDLGUIDER_TESTS=OFF", "-DDLGUIDER_WERROR=OFF", f"-DDLGUIDER_DEPS={deps}")
    run("cmake", "--build", optimised, "-j", "2")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        run("cmake", "--install", optimised, "--prefix", folder / "first")
        prefix = folder / "moved here"  # a blank in the path, to be sure
        shutil.move(folder / "first", prefix)
        for file in (f for f in prefix.rglob("*") if f.is_file() and not f.is_symlink()):
            for path in (deps, SOURCE, BUILD):  # nothing of the machine that built it
                assert str(path).encode() not in file.read_bytes(), f"{file} holds {path}"
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("DLGUIDER", "LD_"))}
        for path in ["bin/dlguider", "include/dlguider.h", "lib/libdlguider.so.0", "lib/dlguider/libonnxruntime.so.1", "lib/pkgconfig/dlguider.pc",
                     "share/man/man1/dlguider.1", "share/bash-completion/completions/dlguider", "share/zsh/site-functions/_dlguider",
                     "share/fish/vendor_completions.d/dlguider.fish", "share/doc/dlguider/LICENSE", "share/doc/dlguider/LICENSE.onnxruntime"]:
            assert (prefix / path).stat().st_size > 0, path
        assert str(prefix) in run(prefix / "bin/dlguider", "version", env=plain)
        assert "train.py:" in run(prefix / "bin/dlguider", "demo", folder / "demo", env=plain)
        assert (folder / "demo/model.keras").read_bytes() == (SOURCE / "examples/digits/model.keras").read_bytes()
        assert str(folder / "first") not in "".join(p.read_text() for p in prefix.rglob("*.cmake")) + (prefix / "lib/pkgconfig/dlguider.pc").read_text()
        soname = [line for line in run("readelf", "-d", prefix / "lib/libdlguider.so.0").splitlines() if "SONAME" in line]
        assert "[libdlguider.so.0]" in soname[0], soname
        symbols = [line.split()[-1] for line in run("nm", "-D", "--defined-only", prefix / "lib/libdlguider.so.0").splitlines()]
        assert symbols and all(s.startswith("dlg_") for s in symbols), [s for s in symbols if not s.startswith("dlg_")]

        # pkg-config writes blanks as "\ ", which only a shell undoes; so does every makefile
        program = folder / "outside"
        program.mkdir()
        (program / "outside.c").write_text(PROGRAM)
        (program / "CMakeLists.txt").write_text(CMAKE)
        config = dict(plain, PKG_CONFIG_PATH=str(prefix / "lib/pkgconfig"))
        run("sh", "-c", 'eval "cc -std=c99 -Wall -Wextra -Werror outside.c $(pkg-config --cflags --libs dlguider) -o by-pkg-config"', cwd=program, env=config)
        check_program(run(program / "by-pkg-config", env=dict(plain, LD_LIBRARY_PATH=str(prefix / "lib"))), prefix)
        # the example ranks as the command does
        shutil.copy(SOURCE / "examples/c/rank.c", program)
        run("sh", "-c", 'eval "cc -std=c99 -Wall -Wextra -Werror rank.c $(pkg-config --cflags --libs dlguider) -o rank"', cwd=program, env=config)
        digits = SOURCE / "examples/digits"
        files = digits / "model.keras", digits / "x.npy", digits / "y.npy"
        ranked = run(program / "rank", *files, env=dict(plain, LD_LIBRARY_PATH=str(prefix / "lib"))).splitlines()
        result = json.loads(run(prefix / "bin/dlguider", "rank", files[0], "-i", files[1], "-l", files[2], "--json", env=plain))
        assert ranked == [f"{e['rank']} {e['name']} {e['score']:.17g}" for e in result["layers"]], ranked

        run("cmake", "-S", program, "-B", program / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", env=plain)
        run("cmake", "--build", program / "build", env=plain)
        check_program(run(program / "build/outside", env=plain), prefix)


main()
