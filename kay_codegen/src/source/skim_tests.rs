use super::{Unskimmed, check_depth, skim};

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(skim(source).unwrap(), expected);
}

/// A text of which nothing can be left out.
#[track_caller]
fn keeps(source: &str) {
    check(source, source);
}

#[test]
fn bodies_values_and_rules_are_blanked() {
    check("fn f() { 1 } fn g() {}", "fn f() {   } fn g() {}");
    check("fn f() {\n  a;\n} fn g() {}", "fn f() {\n\n} fn g() {}");
    check(
        "impl A { pub fn f(&self) -> [u8; { 2 }] { b() } x!{y} }",
        "impl A { pub fn f(&self) -> [u8; { 2 }] {     } x!{y} }",
    );
    check("const A: u8 = 1 + 2;", "const A: u8 =0     ;");
    check(
        "static mut A: [u8; 2] = { [1, 2] };",
        "static mut A: [u8; 2] =0          ;",
    );
    check(
        "macro_rules! m { (x) => { } }",
        "macro_rules! m {            }",
    );
    check(
        "async unsafe extern \"C\" fn f() { x }",
        "async unsafe extern \"C\" fn f() {   }",
    );
}

#[test]
fn what_looks_like_code_in_texts_is_none() {
    check(
        "fn f() { '{' \"}\" b'}' r#\"}\"}\"# 'a: {} /* } /* */ } */ // }\n } struct S;",
        &format!("fn f() {{\n {}}} struct S;", ""),
    );
    keeps("/// fn f() { }\nstruct S; // fn f() { x }");
    keeps("const fn f(); struct S<'a>(&'a u8); type r#fn = x;");
}

#[test]
fn only_functions_with_a_name_have_bodies() {
    keeps("impl From<fn() -> u8> for A { type X = fn(u8); }");
    keeps("struct S { f: fn(u8), g: u8 }");
    keeps("impl T for fn() { const X: u8; }");
    keeps("enum E { A = 1 << 2, B = { 3 } }");
    keeps("x! { fn f() { body } }");
    keeps("trait T { const A: u8; fn f(); }");
    check(
        "fn f() -> A<{ N }> where B<{ 1 }>: C { d }",
        "fn f() -> A<{ N }> where B<{ 1 }>: C {   }",
    );
    check(
        "fn f<const N: usize = 3>() { d }",
        "fn f<const N: usize = 3>() {   }",
    );
}

#[test]
fn columns_count_characters() {
    check("fn f() { \"äöü\" } x", "fn f() {       } x");
    check("fn f() {\n ä } x", "fn f() {\n   } x");
}

#[test]
fn what_is_not_closed_is_left_to_the_parser() {
    for source in [
        "fn f() {",
        "}",
        "fn f() { ( }",
        "\"",
        "fn f() { \" }",
        "const A: u8 = (",
        "/* ",
        "'\\",
        "r#\"",
        "( ]",
        "fn f() { r##\"}\"# }",
        "b'",
        "\u{7f}'\\",
    ] {
        let result = skim(source);
        assert!(
            matches!(result, Err(Unskimmed::Unbalanced)) || result == Ok(source.into()),
            "{source}: {result:?}"
        );
    }
}

#[test]
fn the_first_line_of_a_script_is_no_code() {
    keeps("#!/usr/bin/env run { (\nstruct S;");
    keeps("#![allow(x)]\nstruct S;");
}

#[test]
fn deep_nesting_is_refused_and_long_lists_are_not() {
    for deep in [
        "&", "Vec<", "Vec<u8, ", "(", "!", "a::", "fn() -> ", "dyn A + ",
    ] {
        let source = format!("type A = {};", deep.repeat(20_000));
        assert!(
            matches!(check_depth(&source), Err(Unskimmed::TooDeep)),
            "{deep}"
        );
    }
    for deep in ["|a, b| ", "if x {} else ", "1 + ", "x = "] {
        for around in [
            ["struct A([u8; ", "]);"],
            ["enum A { B = ", "1 }"],
            ["fn f() { a;", "}"],
        ] {
            let source = format!("{}{}{}", around[0], deep.repeat(20_000), around[1]);
            assert!(
                matches!(check_depth(&source), Err(Unskimmed::TooDeep)),
                "{source:.40}"
            );
        }
    }
    for wide in [
        "A = 1 << 3, ",
        "A(u8), ",
        "#[x] A { a: Vec<(u8, u8)> }, ",
        "/// A.\n A, ",
    ] {
        let source = format!("enum E {{ {} }}", wide.repeat(20_000));
        assert_eq!(check_depth(&source), Ok(()), "{wide}");
    }
    for wide in [
        "struct S;",
        "mod a { use b::{c, d}; }",
        "fn f() {}",
        "m! { a < b }",
        "impl A {}",
    ] {
        assert_eq!(check_depth(&wide.repeat(20_000)), Ok(()), "{wide}");
    }
}
