"""The readers of tests against numpy: every dtype, order, byte order, header version and batch; memory while streaming;
and what must be refused, with which words."""
import gzip, os, subprocess, tempfile, unittest, zipfile, zlib
import h5py
import numpy as np
import pandas as pd

DUMP = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "rows_dump")
KINDS = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split()


def crc(x):
    return zlib.crc32(np.ascontiguousarray(x).tobytes())


def is_whole(x):
    return x.dtype.kind in "biu" or bool(np.isfinite(x).all() and (x == np.floor(x)).all())


class Rows(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "a.npy")

    def tearDown(self):
        self.folder.cleanup()

    def run_dump(self, path=None, batch=3):
        done = subprocess.run([DUMP, path or self.path, str(batch)], capture_output=True, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def same(self, x, path=None, batch=3, classes=None):
        code, out, said = self.run_dump(path, batch)
        self.assertEqual((code, said), (0, ""))
        lines = out.splitlines()
        kind = {"b": 0, "i": 1, "u": 1, "f": 2}[x.dtype.kind]
        dims = "".join(f" {d}" for d in x.shape[1:])
        self.assertEqual(lines[0], f"count {len(x)} width {int(np.prod(x.shape[1:]))} kind {kind} dtype {x.dtype.str} shape{dims}" + (" classes " + "|".join(classes) if classes else ""))
        with np.errstate(over="ignore", invalid="ignore"):
            self.assertEqual(lines[1], f"floats {crc(x.astype('f4'))}")
        self.assertEqual(lines[2], f"doubles {crc(x.astype('f8'))}")
        if is_whole(x):
            self.assertEqual(lines[3], f"integers {crc(x.astype('i8'))}")
        else:
            self.assertIn("integers refused", lines[3])

    def test_every_type_order_and_shape(self):
        rng = np.random.default_rng(0)
        for kind in KINDS:
            for order in "<>":
                if kind == "?":
                    dtype = np.dtype("?")
                else:
                    dtype = np.dtype(order + kind)
                for shape in (7,), (7, 1), (7, 3), (5, 2, 3), (4, 3, 2, 5):
                    for fortran in False, True:
                        x = rng.normal(size=shape) * 100
                        if dtype.kind != "f":
                            low, high = (0, 2) if kind == "?" else (np.iinfo(dtype).min, min(np.iinfo(dtype).max, 2**63 - 1))
                            x = rng.integers(low, high, size=shape, endpoint=kind != "?", dtype="i8" if low < 0 else "u8")
                        x = x.astype(dtype)
                        np.save(self.path, np.asfortranarray(x) if fortran else x)
                        for batch in 1, 3, 100:
                            self.same(x, batch=batch)

    def test_whole_floats_and_the_special_ones(self):
        for kind in "f2", "f4", "f8":
            np.save(self.path, np.array([0, 1, -3, 1024], kind))
            self.same(np.array([0, 1, -3, 1024], kind))
            x = np.array([0.0, -0.0, np.inf, -np.inf, 6e-8, 65504], kind)
            np.save(self.path, x)
            self.same(x)
        np.save(self.path, np.array([1.0, np.nan, 2.0]))
        self.assertIn("test 1 holds nan, which is no whole number", self.run_dump()[1])
        np.save(self.path, np.array([[1, 2], [3, 4.5]]))
        self.assertIn("test 1 holds 4.5, which is no whole number", self.run_dump()[1])
        np.save(self.path, np.array([5, 2**63], "u8"))
        self.assertIn("test 1 holds 9.22337204e+18", self.run_dump()[1])

    def test_header_versions(self):
        x = np.arange(12, dtype="f4").reshape(4, 3)
        for version in (1, 0), (2, 0), (3, 0):
            with open(self.path, "wb") as file:
                np.lib.format.write_array(file, x, version=version)
            self.same(x)

    def write(self, header, data=b"\0" * 48, version=1, length=None):
        size = 2 if version == 1 else 4
        with open(self.path, "wb") as file:
            file.write(b"\x93NUMPY" + bytes([version, 0]) + (len(header) if length is None else length).to_bytes(size, "little") + header + data)

    def refused(self, code, words):
        got, out, said = self.run_dump()
        self.assertEqual(got, code, out + said)
        self.assertIn(words, said)
        self.assertTrue(said.startswith(self.path + ": "), said)

    def test_headers_by_hand(self):
        good = b'{"shape":(4,3),"fortran_order" : False, \'descr\': "<f4"}   \n'
        self.write(good)
        self.assertEqual(self.run_dump()[0], 0)
        self.write(good.replace(b"(4,3)", b"(4L, 3L)"))
        self.assertEqual(self.run_dump()[0], 0)
        for old, new, words in (
            (b"(4,3)", b"(12)", "no NumPy header"), (b"(4,3)", b"[4,3]", "no NumPy header"), (b"(4,3)", b"(-4,3)", "no NumPy header"),
            (b"(4,3)", b"(99999999999999999999,)", "no NumPy header"), (b"False", b"false", "no NumPy header"),
            (b"}", b"", "no NumPy header"), (b"}", b"} x", "no NumPy header"), (b"descr", b"decsr", 'unknown key "decsr"'),
            (b"'descr': \"<f4\"", b'"shape": (12,)', 'key "shape" twice'), (b", 'descr': \"<f4\"", b"", "no NumPy header"),
            (b'"<f4"', b"__import__('os')", "no NumPy header"), (b"(4,3)", b"(" + b"1," * 33 + b")", "more than 32 dimensions"),
        ):
            with self.subTest(new=new):
                self.assertIn(old, good)
                self.write(good.replace(old, new))
                self.refused(3, words)
        self.write(good, version=2, length=2**32 - 1)
        self.refused(3, "the header says 4294967295 bytes; the file has")
        self.write(good, version=9)
        self.refused(3, "version 9.0 of NumPy's format")

    def test_refusals(self):
        for x, code, words in (
            (np.array([{}, None]), 4, "holds Python objects (pickle), which dlguider never opens"),
            (np.array([["a", "b"]]), 4, "no single column of words"), (np.array([[b"a", b"b"]]), 4, "holds text"),
            (np.array(["2020-01-01"], "M8[D]"), 4, "holds dates"), (np.array([1 + 2j]), 4, "holds complex numbers"),
            (np.zeros(3, "f4,i4"), 4, "holds records"), (np.zeros(3, np.longdouble), 4, "has dtype <f16"),
            (np.zeros((0, 28, 28)), 3, "has no tests (shape (0, 28, 28))"), (np.float64(3), 3, "a single number (shape ())"),
            (np.zeros((5, 0)), 3, "has no numbers in its tests (shape (5, 0))"),
        ):
            with self.subTest(words=words):
                np.save(self.path, x, allow_pickle=True)
                self.refused(code, words)
        x = np.zeros((1000, 28, 28), "u1")
        np.save(self.path, x)
        with open(self.path, "r+b") as file:
            file.truncate(128 + 500000)
        self.refused(3, "shape (1000, 28, 28) needs 784000 bytes, 500000 are there")
        for data, words in ((b"PK\0nothing", "is no file of tests that dlguider knows (starts with 50 4b 00 6e)"), (b"\x80\x04x", "looks like a pickle"),
                            (b"\x93NUMPY\1\0", "cut off"), (b"\1", "starts with 01)"), (b"", "the file is empty")):
            with open(self.path, "wb") as file:
                file.write(data)
            self.refused(3, words)

    def test_npz(self):
        x, y = np.arange(24, dtype=">f4").reshape(4, 2, 3), np.arange(4)
        path = os.path.join(self.folder.name, "a.npz")
        for save in np.savez, np.savez_compressed:
            save(path, x)
            self.same(x, path)
            save(path, x_train=x, x_test=y)
            self.same(y, path + ":x_test")
            self.same(x, path + ":x_train.npy")
            code, _, said = self.run_dump(path)
            self.assertEqual((code, said), (2, f"{path}: holds x_train and x_test; say which: {path}:x_test\n"))
            code, _, said = self.run_dump(path + ":z")
            self.assertEqual((code, said), (2, f"{path}:z: holds x_train and x_test, but no z; say which: {path}:x_test\n"))
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "x")
        self.assertIn("without arrays", self.run_dump(path)[2])
        os.rename(path, path + ":x")
        self.assertIn("without arrays", self.run_dump(path + ":x")[2])
        np.save(self.path, x)
        code, _, said = self.run_dump(self.path + ":y")
        self.assertEqual(code, 2)
        self.assertIn("is a single array", said)

    def test_idx(self):
        codes = {"|u1": 8, "|i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}
        for dtype, code in codes.items():
            for shape in (6,), (6, 5, 4):
                x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
                whole = bytes([0, 0, code, len(shape)]) + b"".join(d.to_bytes(4, "big") for d in shape) + x.tobytes()
                for pack in bytes, gzip.compress:
                    with open(self.path, "wb") as file:
                        file.write(pack(whole))
                    self.same(x)
        for data, code, words in (
            (whole[:-1], 3, "needs 960 bytes, 959 are there"), (whole + b"x", 3, "960 bytes, 961"), (whole[:9], 3, "cut off in its header"),
            (gzip.compress(whole)[:-9], 3, "is damaged"), (gzip.compress(whole)[:-1], 3, "is damaged"), (gzip.compress(whole) + b"x", 3, "is damaged"),
            (gzip.compress(whole[:-8]), 3, "960 bytes, 952"), (gzip.compress(whole + b"x"), 3, "960 bytes, 961"), (gzip.compress(b"text"), 3, "holds no IDX file"),
            (gzip.compress(whole)[:-8] + b"\0\0\0\0" + gzip.compress(whole)[-4:], 3, "is damaged"),
            (gzip.compress(bytes([0, 0, 8, 2, 255, 0, 0, 0, 0, 0, 1, 0])), 5, "would unpack to 1095216660480 bytes from"),
            (bytes([0, 0, 8, 40]), 3, "has 40 dimensions"),
        ):
            with self.subTest(words=words):
                with open(self.path, "wb") as file:
                    file.write(data)
                self.refused(code, words)

    def test_hdf5(self):
        x, y = np.arange(24, dtype="f4").reshape(4, 2, 3), np.array([1, 0, 1, 1], "i8")
        path = os.path.join(self.folder.name, "a.h5")
        with h5py.File(path, "w") as file:
            file["x"] = x
        self.same(x, path)
        self.same(x, path + ":x")
        with h5py.File(path, "a") as file:
            file["train/y"] = y
            file["flags"] = y > 0
            file["packed"] = 1.0
            file.create_dataset("zip", data=x, compression="gzip")
        self.same(y, path + ":train/y")
        self.same(y, path + ":/train/y")
        self.same(y > 0, path + ":flags")
        for name, code, words in (("", 2, f"holds flags, packed, train/y, x, zip; say which: {path}:zip"),
                                  (":nothing", 2, "has no dataset nothing; it holds flags"), (":train", 2, "has no dataset train;"),
                                  (":zip", 4, "dataset zip is stored compressed"), (":packed", 3, "a single number")):
            got, _, said = self.run_dump(path + name)
            self.assertEqual(got, code, said)
            self.assertIn(words, said)

    def csv(self, text, name=""):
        with open(self.path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path + name

    def test_csv_word_with_a_character_behind(self):
        for word in "True ", "nan\0", "INF@", "false\x7f":
            with self.subTest(word=word):
                code, _, said = self.run_dump(self.csv("a,b\n1," + word + "\n2,3\n"))
                self.assertIn(code, (0, 3), said)  # not the sanitizers' code: nothing behind the known word is read
        self.same(np.array([[1.0, 1.0], [2.0, 0.0]]), self.csv("a,b\n1,TRUE\n2,False\n"))

    def test_csv_against_pandas(self):
        rng = np.random.default_rng(0)
        x = np.concatenate([rng.normal(size=(50, 3)) * 10.0 ** rng.integers(-30, 30, (50, 1)), rng.integers(0, 9, (50, 1))], 1)
        names = np.array(["setosa", "virginica", "versi, color"])[rng.integers(0, 3, 50)]
        table = pd.DataFrame(x, columns=["a", "b \"q\"", "c,d", "e"])
        table["species"] = names
        order, codes = np.unique(names, return_inverse=True)
        for separator in ",;\t":
            for options in {}, {"index": False}, {"index": False, "lineterminator": "\r\n"}, {"index": False, "encoding": "utf-8-sig"}, {"index": False, "quoting": 1}:
                with self.subTest(separator=separator, options=options):
                    table.to_csv(self.path, sep=separator, **options)
                    self.same(x, self.path + ":-species")
                    self.same(x, self.path + ":@rest")
                    for label in ":species", ":@last":
                        self.same(codes, self.path + label, classes=list(order))
                    self.same(x[:, 0], self.path + ":a")
                    self.same(x[:, [0, 3]], self.path + ":a,e")
        table = table.drop(columns="species")
        table.to_csv(self.path, index=False)
        self.same(x)
        table.to_csv(self.path, index=False, header=False)
        self.same(x)
        self.same(x[:, 3], self.path + ":4")
        pd.DataFrame(x).to_csv(self.path, index=False)  # headed 0, 1, 2, 3
        self.same(x)
        table["flag"] = x[:, 0] > 0
        table.to_csv(self.path, index=False)
        self.same((x[:, 0] > 0).astype("f8"), self.path + ":flag")

    def test_csv_by_hand(self):
        self.same(np.array([[1, 2.5], [-3e2, .5]]), self.csv("1, 2.5\n-3e2,.5"))
        self.same(np.array([[1, np.inf], [3, -np.inf]]), self.csv("1,inf\n3,-Inf\n\n"))
        self.same(np.array([1, 0, 1]), self.csv("dog\ncat\ndog\n"), classes=["cat", "dog"])
        self.same(np.array([1, 0, 1]), self.csv("kind\ndog\ncat\ndog\n"), classes=["cat", "dog"])
        self.same(np.array([[3.0], [4]]), self.csv("n\n3\n4\n"))
        for text, name, code, words in (
            ("a,b\n1,2\n3\n", "", 3, "row 3 has 1 fields, row 1 had 2"), ("a,b\n1,2\n3,4,5\n", "", 3, "row 3 has 3 fields, row 1 had 2"),
            ("a,b\n1,2\n3,\"1,5\"\n", "", 3, 'row 3, column 2 b: "1,5" is not a number'), ("a,b\n1,0x1p3\n", "", 3, "is not a number"),
            ("a,b\n1,2\n1,1e999\n", ":b", 3, "1e999"), ("a,b\n1,\n", "", 3, "row 2, column 2 is empty"), ("a,b\n1,2\n1,\"2\n", "", 3, "quotes are not closed"),
            ('a,b\n1,2"3"\n', "", 3, "quotes"), ("a,b\n1,2\n", ":c", 2, "has no column c; its columns are a, b"), ("1,2\n3,4\n", ":3", 2, "no header and 2 columns"),
            ("a,b\n1,2\n", ":-a,b", 2, "no column is left"), (b"1,2\n" * 2000 + b"3,\0\n", "", 3, "holds a zero byte"), ("\n\n", "", 3, "has no rows"),
            ("a,b\nred,1\nblue,2\n", "", 3, 'row 2, column 1 a: "red" is not a number'), ("a\n", ":@first", 2, "has no column @first"),
            ("\n".join(f"w{i}" for i in range(10010)), "", 5, "more than 10000 different texts"), ("1," * 100001, "", 5, "more than 100000 columns"),
            ('"' + "x" * (2 << 20), "", 5, "is a quote not closed"),
        ):
            with self.subTest(words=words):
                got, out, said = self.run_dump(self.csv(text, name))
                self.assertEqual(got, code, out[:200] + said)
                self.assertIn(words, said)

    def test_streaming_keeps_memory_flat(self):
        def peak_mb(rows, order):
            array = np.lib.format.open_memmap(self.path, "w+", "f8", (rows, 1000), order)
            array[::100] = 1
            del array
            pid = os.posix_spawn(DUMP, [DUMP, self.path, "256"], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
            _, status, usage = os.wait4(pid, 0)
            self.assertEqual(status, 0)
            return usage.ru_maxrss / 1024
        small, large = peak_mb(1000, False), peak_mb(24000, False)
        print(f"peak memory: {small:.0f} MB for 8 MB of tests, {large:.0f} MB for 192 MB")
        self.assertLess(large, small + 30)


if __name__ == "__main__":
    unittest.main()
