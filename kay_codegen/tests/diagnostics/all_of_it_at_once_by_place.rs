//- src/lib.rs
mod b; mod a;
kay_runtime::kay_auto!();
//- src/b.rs
pub struct Car;
//         --- K0005 this has no `id`
impl Car {
    pub fn two(&self, _: &mut kay_runtime::World) {}
    //     ^^^ K0005 `two` is a handler, but `Car` has no `id` field
    //         = here: a public function that ends with `&mut World` handles messages
    //         = help: add `id: CarId` to the struct
    //         = help: if it is to be no actor, make the function `pub(crate)`
    pub fn one(&self, x: &str, _: &mut kay_runtime::World) {}
    //                    ^^^ K0019 `str` cannot travel in a message
    //                        = note: `x: &T` travels as a `T`: its size must be known
    //                        = help: take a `&CString`
}
//- src/a.rs
#[derive(Compact)]
pub struct Car { id: CarId }
kay_runtime::kay_auto!();
impl Car { pub fn t(&self, x: &str, y: Option<&u8>, _: &mut kay_runtime::World) {} }
//                             ^^^ K0019 `str` cannot travel in a message
//                                 = note: `x: &T` travels as a `T`: its size must be known
//                                 = help: take a `&CString`
//                                            ^^^ K0020 a reference inside a type cannot travel in a message
//                                                = note: a message owns what it carries: it is handled in another turn, on any thread
//                                                = help: take an owned type, such as `CVec`, `CString` or an id
