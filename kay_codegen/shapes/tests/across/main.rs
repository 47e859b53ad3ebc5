//! Actors of several packages in one world, built and run by Cargo.

mod workspace;

use workspace::{APP, LEFT, TOWN, Workspace, text};

#[test]
fn actors_and_traits_across_crates() {
    let workspace = Workspace::new();

    // One `setup` registers the actors of four crates, and all messages arrive.
    let plain = workspace.run(&[]);
    assert_eq!(plain, "garage 1 hotel 1001 naps 1 shouts 2 tours 1\n");

    // A feature of one adds a handler to a trait that the others implement.
    let with_shops = workspace.run(&["--features", "shops"]);
    assert_eq!(with_shops, "garage 11 hotel 1011 naps 1 shouts 2 tours 1\n");
    assert_eq!(workspace.run(&[]), plain);
    assert_eq!(workspace.compiled(), [""; 0], "nothing has changed");

    // A new handler, which the others do not mention, is one of theirs.
    let town = TOWN
        .replace(
            "place.enter(car, world)",
            "{ let _ = car; place.close(world) }",
        )
        .replace(
            "// More handlers.",
            "fn close(&mut self, _: &mut World) { self.count(100); }",
        );
    workspace.write("town/src/lib.rs", &town);
    let all = ["across-app", "across-left", "across-right", "across-town"];
    assert_eq!(workspace.compiled(), all);
    let closed = workspace.run(&[]);
    assert_eq!(closed, "garage 100 hotel 1100 naps 1 shouts 2 tours 1\n");
    assert_eq!(workspace.compiled(), [""; 0], "nothing has changed");

    // A dev-dependency, of which Cargo tells the build script nothing.
    let tested = workspace.cargo(&["test", "-p", "across-probe"]);
    let shown = text(&tested.stdout);
    assert!(
        shown.contains("test a_place_of_a_test ... ok"),
        "{shown}{}",
        text(&tested.stderr)
    );

    // What cannot be named from outside is said before the compiler sees it.
    let hidden = LEFT
        .replace(
            "pub trait Noisy",
            "mod hidden { use super::*; kay_auto!(); pub trait Noisy",
        )
        .replace("// End of Noisy.", "} pub use hidden::Noisy;");
    workspace.write("left/src/lib.rs", &hidden);
    let app = APP.replace("NoisyId}", "Noisy}").replace(
        "// More blocks.",
        "impl Noisy for Tour { fn shout(&mut self, _: u32, _: &mut World) {} }",
    );
    workspace.write("app/src/main.rs", &app);
    let refused = text(&workspace.cargo(&["build", "-p", "across-app"]).stderr);
    let help = "re-export `NoisyId` from a public module of `left`";
    assert!(refused.contains(help), "{refused}");
    assert!(
        !refused.contains("error[E"),
        "nothing from the compiler: {refused}"
    );
}
