//! Builds the kernel's side of capture at sockets, and of reading TLS (`bpf/`), with clang. Without clang the crate builds as well, and can only
//! capture packets: it says so when asked for more.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's compiler first: its output is what the tests ran with.
const COMPILERS: [&str; 2] = ["clang-16", "clang"];

fn main() {
    println!("cargo:rustc-check-cfg=cfg(has_program, has_secrets)");
    println!("cargo:rerun-if-env-changed=CLANG");
    let source = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../bpf");
    println!("cargo:rerun-if-changed={}", source.display());
    if env::var_os("CARGO_FEATURE_SOCKETS").is_none() || variable("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    match find_compiler().and_then(|clang| compile_all(&clang, &source)) {
        Ok(()) => {}
        Err(why) => println!(
            "cargo:warning={why}: this build can capture packets only, not at sockets (`--capture cgroup`). \
             scripts/setup installs what is missing (Debian: clang-16); the variable CLANG names another clang."
        ),
    }
}

fn compile_all(clang: &str, source: &Path) -> Result<(), String> {
    compile(clang, source, "sockets", &[])?;
    println!("cargo:rustc-cfg=has_program");
    // It reads registers by their names.
    if variable("CARGO_CFG_TARGET_ARCH") == "x86_64" {
        // What it reads of the kernel's types stands where they describe it (BTF), for which debugging is turned on; the
        // folder of this build is of no use to anyone there.
        let map = format!("-ffile-prefix-map={}=bpf", source.display());
        compile(clang, source, "secrets", &["-g", "-fdebug-compilation-dir=.", &map])?;
        println!("cargo:rustc-cfg=has_secrets");
    }
    Ok(())
}

fn find_compiler() -> Result<String, String> {
    let given = env::var("CLANG").ok();
    let candidates = given.as_deref().map_or(COMPILERS.to_vec(), |given| vec![given]);
    candidates.iter().find(|name| runs(name)).map(ToString::to_string).ok_or_else(|| {
        ask_again_once_installed(&candidates);
        "clang is missing".into()
    })
}

fn compile(clang: &str, source: &Path, name: &str, more: &[&str]) -> Result<(), String> {
    let object = PathBuf::from(variable("OUT_DIR")).join(format!("{name}.o"));
    let status = Command::new(clang)
        // v3: 32-bit arithmetic, which kernels have since 5.1.
        .args(["-target", "bpf", "-mcpu=v3", "-O2", "-Wall", "-Wextra", "-Werror"])
        // The verifier lets nobody with CAP_BPF alone write something else to where a pointer was on the stack.
        .args(["-mllvm", "-no-stack-slot-sharing"])
        .args(more)
        // Debian keeps asm/types.h, which the kernel's headers include, in a folder by architecture.
        .arg(format!("-I/usr/include/{}-linux-gnu", variable("CARGO_CFG_TARGET_ARCH")))
        .arg("-c")
        .arg(source.join(format!("{name}.c")))
        .arg("-o")
        .arg(object)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => {
            // Cargo takes a path that does not exist for one that has changed: each build tries again.
            println!("cargo:rerun-if-changed={}", source.join("the-last-build-failed").display());
            Err(format!(
                "{clang} could not build bpf/{name}.c (are the kernel's headers there? Debian: linux-libc-dev)"
            ))
        }
    }
}

/// Lets cargo run this script again once a compiler may be there: without it, a build that found none would stay without
/// the kernel's side until `bpf/` changes. The folders of PATH change when a program is installed in them.
fn ask_again_once_installed(candidates: &[&str]) {
    println!("cargo:rerun-if-env-changed=PATH");
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.is_absolute() && folder.is_dir()) {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
    for named in candidates.iter().filter(|name| name.contains('/')) {
        println!("cargo:rerun-if-changed={named}");
    }
}

fn runs(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
