# How lit runs Sinter's tests. What stands behind `RUN:` finds these words:
#
#   sinter, sinter-opt, FileCheck, not, split-file, ...   on the PATH
#   %models      the models that ship with the project
#   %fixtures    tiny models with expected results (test/fixtures/README.md)
#   %shared      real models beside the project, where they are (feature: shared_models)
#   %bin         the build's programs
#   %cpus        CPUs whose code is other code, of those that this machine runs: x86-64-v3, and `native` where that has wider vectors
#   %refuse OUTPUT COMMAND...   checks that the command fails with one message and leaves no output; prints it
#
#   %python      the Python that runs lit
#   %chromium    a browser without a window
#   %ptxas       NVIDIA's assembler (feature: ptxas)
#   %aarch64, %riscv64    an emulator that runs a binary for that machine (features of the same names: tools/cross made its libraries)
#   %wasm32      Node.js, which runs a WebAssembly module (feature `wasm32`, likewise)
#
# Features: `chromium`; `opencl` where there is an OpenCL device; `ptxas`; `long` (lit --param long=1) for tests of more than a few seconds; `shared_models`; `avx2`, `avx512`
# for what this machine can run.

import ctypes
import os
import shutil
import sys

import lit.formats

config.name = "Sinter"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test", ".sinter"]
config.excludes = ["fixtures", "models", "inputs"]
config.test_source_root = os.path.join(config.sinter_source, "test")
config.test_exec_root = os.path.join(config.sinter_build, "test")

binaries = os.path.join(config.sinter_build, "bin")
config.environment["PATH"] = os.pathsep.join([binaries, config.llvm_tools, os.environ.get("PATH", "")])
config.environment["LC_ALL"] = "C.UTF-8"
config.environment["NO_COLOR"] = "1"
# Tests that run a model leave no trace in the home folder.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
# LLVM's library is not instrumented: its bump allocators, inlined into our code, would poison what it hands out.
config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0"
for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]

shared = os.environ.get("SINTER_SHARED_MODELS", os.path.join(config.sinter_source, "..", "shared", "models"))
shared = os.path.abspath(shared)
if os.path.isdir(shared):
    config.available_features.add("shared_models")
    config.environment["SINTER_SHARED_MODELS"] = shared
else:
    lit_config.note("no real models at %s: the tests that use them are skipped" % shared)

if lit_config.params.get("long"):
    config.available_features.add("long")

try:
    with open("/proc/cpuinfo") as info:
        flags = next((line for line in info if line.startswith("flags")), "").split()
except OSError:
    flags = []
if "avx2" in flags and "fma" in flags:
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= set(flags):
    config.available_features.add("avx512")

chromium = shutil.which("chromium")
if chromium:
    config.available_features.add("chromium")

ptxas = shutil.which("ptxas", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/cuda/bin"]))
if ptxas:
    config.available_features.add("ptxas")


def has_opencl():
    try:
        library = ctypes.CDLL("libOpenCL.so.1")
    except OSError:
        return False
    count = ctypes.c_uint32(0)
    library.clGetPlatformIDs(0, None, ctypes.byref(count))
    platforms = (ctypes.c_void_p * max(1, count.value))()
    library.clGetPlatformIDs(count, platforms, None)
    every = ctypes.c_uint64(0xFFFFFFFF)
    return any(
        library.clGetDeviceIDs(ctypes.c_void_p(platform), every, 0, None, ctypes.byref(count)) == 0
        for platform in platforms[: count.value]
    )


if has_opencl():
    config.available_features.add("opencl")
else:
    lit_config.note("no OpenCL device: the tests that run on one are skipped (tools/setup installs one)")

for machine in ("aarch64", "riscv64"):
    libraries = os.path.join(config.sinter_build, "lib", machine + "-linux-gnu")
    emulator = shutil.which("qemu-" + machine)
    if emulator and os.path.exists(os.path.join(libraries, "libsinter_main.a")):
        config.available_features.add(machine)
        newest = " -cpu max" if machine == "aarch64" else ""
        config.substitutions.append(("%" + machine, "%s%s -L %s" % (emulator, newest, os.path.join(libraries, "sysroot"))))
    else:
        lit_config.note("no libraries of %s: the tests that link for it are skipped (tools/cross makes them)" % machine)

node = shutil.which("node")
if node and os.path.exists(os.path.join(config.sinter_build, "lib", "wasm32-wasi", "libsinter_main.a")):
    config.available_features.add("wasm32")
    config.substitutions.append(("%wasm32", "%s --no-warnings %s" % (node, os.path.join(config.sinter_source, "tools", "wasi"))))
else:
    lit_config.note("no libraries of wasm32: the tests that link for it are skipped (tools/cross makes them)")

config.substitutions += [
    ("%chromium", "timeout 120 %s --headless --no-sandbox --disable-gpu --virtual-time-budget=60000 --user-data-dir=%%t.chromium" % chromium),
    ("%cpus", "x86-64-v3 native" if "avx512" in config.available_features else "x86-64-v3"),
    ("%python", sys.executable),
    ("%ptxas", ptxas or "ptxas"),
    ("%models", os.path.join(config.test_source_root, "models")),
    ("%fixtures", os.path.join(config.test_source_root, "fixtures")),
    ("%shared", shared),
    ("%bin", binaries),
    ("%refuse", os.path.join(config.test_source_root, "inputs", "refuse")),
    ("%fake_cuda", os.path.join(config.sinter_build, "lib", "libfake_cuda.so")),
    ("%source", config.sinter_source),
]
