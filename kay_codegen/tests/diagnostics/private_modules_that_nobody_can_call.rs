//- src/lib.rs
kay_runtime::kay_auto!();
mod a { mod b { pub mod c {
    use kay_runtime::World;
    kay_runtime::kay_auto!();
    #[derive(Compact)]
    pub struct Car { id: CarId }
    //         ^^^ K0004 `city` cannot register this: `city::a::b` is private
    //             = here: `setup` cannot reach this
    //             = note: the `setup` of a module calls those of the modules inside it
    //             = help: declare the module as `pub(crate) mod`, or add the line `kay_runtime::kay_auto!();` to `city::a`
    impl Car { pub fn tick(&mut self, _: &mut World) {} }
} } }
