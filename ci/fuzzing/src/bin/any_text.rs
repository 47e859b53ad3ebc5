//! Any bytes as the source of a crate: output or diagnostics, and the same again.
#![no_main]

use kay_codegen::{Options, Rendering, Root, Sources, generate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let root = Root {
        crate_name: "city".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let sources = Sources::from_iter([("src/lib.rs", &*text)]);
    let output = generate(&root, &sources, &Options::default());
    for diagnostic in &output.diagnostics {
        let _ = diagnostic.render(&sources, Rendering::plain());
    }
    // What is generated can be read again.
    for file in &output.files {
        let again = Sources::from_iter([("src/lib.rs", file.text.as_str())]);
        let again = generate(&root, &again, &Options::default());
        assert!(
            !again.is_incomplete,
            "{}\n{:?}",
            file.text, again.diagnostics
        );
    }
    if let Some(interface) = &output.interface {
        let again = interface.to_string().parse();
        assert_eq!(again.as_ref(), Ok(interface), "{text}");
    }
});
