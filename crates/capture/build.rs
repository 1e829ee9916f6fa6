//! Builds the kernel's side of capture at sockets (`bpf/`) with clang. Without clang the crate builds as well, and can only
//! capture packets: it says so when asked for more.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's compiler first: its output is what the tests ran with.
const COMPILERS: [&str; 2] = ["clang-16", "clang"];

fn main() {
    println!("cargo:rustc-check-cfg=cfg(has_program)");
    println!("cargo:rerun-if-env-changed=CLANG");
    let source = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../bpf");
    println!("cargo:rerun-if-changed={}", source.display());
    if env::var_os("CARGO_FEATURE_SOCKETS").is_none() || variable("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    match compile(&source) {
        Ok(()) => println!("cargo:rustc-cfg=has_program"),
        Err(why) => println!(
            "cargo:warning={why}: this build can capture packets only, not at sockets (`--capture cgroup`). \
             scripts/setup installs what is missing (Debian: clang-16); the variable CLANG names another clang."
        ),
    }
}

fn compile(source: &Path) -> Result<(), String> {
    let given = env::var("CLANG").ok();
    let candidates = given.as_deref().map_or(COMPILERS.to_vec(), |given| vec![given]);
    let Some(clang) = candidates.iter().find(|name| runs(name)) else {
        ask_again_once_installed(&candidates);
        return Err("clang is missing".into());
    };
    let object = PathBuf::from(variable("OUT_DIR")).join("sockets.o");
    let status = Command::new(clang)
        // v3: 32-bit arithmetic, which kernels have since 5.1.
        .args(["-target", "bpf", "-mcpu=v3", "-O2", "-Wall", "-Wextra", "-Werror"])
        // The verifier lets nobody with CAP_BPF alone write something else to where a pointer was on the stack.
        .args(["-mllvm", "-no-stack-slot-sharing"])
        // Debian keeps asm/types.h, which the kernel's headers include, in a folder by architecture.
        .arg(format!("-I/usr/include/{}-linux-gnu", variable("CARGO_CFG_TARGET_ARCH")))
        .arg("-c")
        .arg(source.join("sockets.c"))
        .arg("-o")
        .arg(object)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => {
            // Cargo takes a path that does not exist for one that has changed: each build tries again.
            println!("cargo:rerun-if-changed={}", source.join("the-last-build-failed").display());
            Err(format!(
                "{clang} could not build bpf/sockets.c (are the kernel's headers there? Debian: linux-libc-dev)"
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
