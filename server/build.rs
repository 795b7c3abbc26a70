//! Rebuilds the binary when the web pages it carries were built again. It never builds them itself.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for folder in ["../web/console/dist", "../web/widget/dist", "../demo/knowledge"] {
        if Path::new(folder).exists() {
            println!("cargo:rerun-if-changed={folder}");
        }
    }
}
