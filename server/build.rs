//! Rebuilds the binary when the web pages it carries were built again (it never builds them itself), and links it so that it
//! starts and waits with fewer pages in memory.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for folder in ["../web/console/dist", "../web/widget/dist", "../demo/knowledge"] {
        if Path::new(folder).exists() {
            println!("cargo:rerun-if-changed={folder}");
        }
    }
    // A hundred thousand places to be moved at each start, in a few pages instead of 2.5 MB: glibc 2.36 or newer.
    let is = |key: &str, value: &str| std::env::var(key).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
