//! The layouts of the types that a process knows.

use super::check::{CheckParts, check_parts};
use super::layout::{Field, Form, Layout, Tag, TypeNumber, Variant};
use super::program::{LayoutError, Program, TOO_LARGE, WriteAt};
use crate::Compact;
use crate::portable::Writer;
use std::any::TypeId;
use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::ptr::NonNull;

/// Layouts of types and of all types that are in them, each by its number.
///
/// [`Layouts::of`] asks a type for its layout; [`Compact::layout`], which answers, is derived.
///
/// While a type answers, others have numbers here already, which must go on to mean them. So layouts that are lent
/// cannot be exchanged for others: the compiler does not know how large they are.
///
/// ```compile_fail,E0277
/// # use chunky::raw::Layouts;
/// fn replace(lent: &mut Layouts, others: &mut Layouts) {
///     std::mem::swap(lent, others);
/// }
/// ```
#[derive(Debug)]
pub struct Layouts<Unsized: ?Sized = [()]> {
    layouts: Vec<Layout>,
    /// What only this process knows of each of them.
    natives: Vec<Native>,
    /// Which of them is which.
    numbers: HashMap<TypeId, TypeNumber>,
    /// Holds nothing, which the compiler is made to forget.
    _unsized: Unsized,
}

/// What cannot be recorded of a type.
#[derive(Clone, Debug)]
pub(super) struct Native {
    id: TypeId,
    /// Writes a value in portable form.
    pub(super) write: WriteAt,
    /// Says whether bytes are values. None if any are, or if the type's parts say so.
    pub(super) check: Option<CheckParts>,
    /// Where an `Option` of it says whether it is `None`, if that is [`Form::Optional`].
    pub(super) niche: Option<Range<usize>>,
}

/// The portable form of a number begins with its lowest byte.
const FORM_OF_PLAIN: Form = if cfg!(target_endian = "little") {
    Form::Plain
} else {
    Form::Opaque
};

/// Adds the layout of a type, if it is not there, and says which one it is.
pub(crate) type Describe = fn(&mut Layouts) -> TypeNumber;

impl Layouts {
    /// No layouts yet.
    #[must_use]
    pub fn new() -> Box<Self> {
        Box::new(Layouts {
            layouts: Vec::new(),
            natives: Vec::new(),
            numbers: HashMap::new(),
            _unsized: [(); 0],
        })
    }

    /// All layouts, by their numbers: what is recorded.
    #[must_use]
    pub fn all(&self) -> &[Layout] {
        &self.layouts
    }

    pub(super) fn native(&self, number: TypeNumber) -> Option<&Native> {
        self.natives.get(number as usize)
    }

    /// The number of the layout of a type, which is added if it is not there.
    pub fn of<T: Compact>(&mut self) -> TypeNumber {
        let id = TypeId::of::<T>();
        if let Some(&known) = self.numbers.get(&id) {
            return known;
        }
        let number = T::layout(self);
        // Written by hand, it may have said anything.
        match self.natives.get(number as usize) {
            Some(native) if native.id == id => number,
            _ => self.opaque::<T>(),
        }
    }

    /// The steps by which values of a type are read.
    ///
    /// # Errors
    ///
    /// If the type is too large for that.
    pub fn program(&self, number: TypeNumber) -> Result<Program, LayoutError> {
        Program::new(&self.layouts, number, |of| self.native(of))
    }

    /// The same for a type that is to be kept.
    ///
    /// # Panics
    ///
    /// If it is too large. In no other way does the layout of a type make no sense.
    pub(super) fn must_have_program(&self, number: TypeNumber) -> Program {
        self.program(number).unwrap_or_else(|error| {
            let name = &self.layouts[number as usize].name;
            panic!("a `{name}` cannot be kept as it lies: {error}")
        })
    }

    /// Adds a type, unless it is there. Its form is asked for when its number is known, since it may
    /// contain itself. Until then it is as one of which nothing is known, and stays so if there is a panic.
    fn add<T: Compact>(
        &mut self,
        name: &str,
        check: Option<CheckParts>,
        form: impl FnOnce(&mut Self) -> Form,
    ) -> TypeNumber {
        self.add_with_niche::<T>(name, check, |layouts| (form(layouts), None))
    }

    /// As [`Layouts::add`]. What has a niche is plain, or is laid out as what has that one: so both are said at once,
    /// and of a type that was added as another one, neither.
    fn add_with_niche<T: Compact>(
        &mut self,
        name: &str,
        check: Option<CheckParts>,
        form: impl FnOnce(&mut Self) -> (Form, Option<Range<usize>>),
    ) -> TypeNumber {
        let native = Native {
            id: TypeId::of::<T>(),
            write: write_at::<T>,
            check,
            niche: None,
        };
        match self.begin(name, size_of::<T>(), align_of::<T>(), native) {
            Err(known) => known,
            Ok(number) => {
                let (form, niche) = form(self);
                self.layouts[number as usize].form = form;
                self.natives[number as usize].niche = niche;
                number
            }
        }
    }

    /// The number for a new type, or that which it has already.
    fn begin(
        &mut self,
        name: &str,
        size: usize,
        align: usize,
        native: Native,
    ) -> Result<TypeNumber, TypeNumber> {
        if let Some(&known) = self.numbers.get(&native.id) {
            return Err(known);
        }
        // First, since there may be no room for the name: then the type is not there.
        let layout = Layout {
            name: name.into(),
            size: u32::try_from(size).unwrap_or(TOO_LARGE),
            align: align as u32,
            form: Form::Opaque,
        };
        let number = self.layouts.len() as TypeNumber;
        self.numbers.insert(native.id, number);
        self.natives.push(native);
        self.layouts.push(layout);
        Ok(number)
    }

    /// A type that is kept in portable form, and of which nothing else is known.
    pub fn opaque<T: Compact>(&mut self) -> TypeNumber {
        let name = std::any::type_name::<T>();
        let name = name.split('<').next().unwrap_or(name);
        self.add::<T>(name, None, |_| Form::Opaque)
    }

    /// As [`Layouts::opaque`], with a name that is the same in every build.
    pub fn opaque_named<T: Compact>(&mut self, name: &str) -> TypeNumber {
        self.add::<T>(name, None, |_| Form::Opaque)
    }

    /// A type that is not kept. Its portable form must be a variant of one.
    pub fn empty<T: Compact>(&mut self, name: &str) -> TypeNumber {
        self.add::<T>(name, None, |_| Form::Empty)
    }

    /// A type whose bytes are those of its portable form, if it can be read from them.
    ///
    /// # Safety
    ///
    /// All bytes of a value are initialised, those of each value are its portable form, and any bytes that
    /// [`Compact::read`] makes a value of are that value.
    pub unsafe fn plain<T: Compact>(&mut self, name: &str) -> TypeNumber {
        self.add::<T>(name, Some(check_parts::<T>), |_| FORM_OF_PLAIN)
    }

    /// As [`Layouts::plain`], for a type of which any bytes are a value.
    ///
    /// # Safety
    ///
    /// As for [`Layouts::plain`].
    pub unsafe fn any_bytes<T: Compact>(&mut self, name: &str) -> TypeNumber {
        self.add::<T>(name, None, |_| FORM_OF_PLAIN)
    }

    /// As [`Layouts::plain`], for a type with a niche: these of its bytes are 0 in an `Option` that is `None`, and
    /// never in a value.
    ///
    /// # Safety
    ///
    /// As for [`Layouts::plain`]. Besides, an `Option` of the type has its size; the bytes of the niche are always
    /// initialised, and all 0 if it is `None` and only then; else it has the bytes of what is in it.
    pub unsafe fn plain_with_niche<T: Compact>(
        &mut self,
        name: &str,
        niche: Range<usize>,
    ) -> TypeNumber {
        self.add_with_niche::<T>(name, Some(check_parts::<T>), |_| {
            let niche = (FORM_OF_PLAIN == Form::Plain).then_some(niche);
            (FORM_OF_PLAIN, niche)
        })
    }

    /// A struct of one field, which it is laid out as.
    ///
    /// # Safety
    ///
    /// As for [`Layouts::fields`], and the struct is `repr(transparent)`.
    #[doc(hidden)]
    pub unsafe fn transparent<T: Compact>(
        &mut self,
        name: &str,
        field: (&str, usize, Describe),
    ) -> TypeNumber {
        self.add_with_niche::<T>(name, None, |layouts| {
            let form = layouts.form_of_fields(&[field]);
            let of = field.2(layouts);
            // What the language promises for a type, it promises for what is transparent to it.
            (form, layouts.natives[of as usize].niche.clone())
        })
    }

    /// A struct or a tuple with these fields: the name, where it is, and [`Layouts::of`] its type.
    ///
    /// # Safety
    ///
    /// These are all its fields; they are where this says; and it is read from and written to a portable form
    /// field by field in this order. What is neither in a field nor in this list may have any bytes.
    #[doc(hidden)]
    pub unsafe fn fields<T: Compact>(
        &mut self,
        name: &str,
        fields: &[(&str, usize, Describe)],
    ) -> TypeNumber {
        self.add::<T>(name, None, |layouts| layouts.form_of_fields(fields))
    }

    fn form_of_fields(&mut self, fields: &[(&str, usize, Describe)]) -> Form {
        let field = |&(name, offset, describe): &(&str, usize, Describe)| Field {
            name: name.into(),
            // Where that is too much, the type is too large.
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            of: describe(self),
        };
        Form::Fields(fields.iter().map(field).collect())
    }

    /// An array of so many values.
    ///
    /// # Safety
    ///
    /// `T` is an array of so many `E`.
    pub(crate) unsafe fn array<T: Compact, E: Compact>(&mut self, count: usize) -> TypeNumber {
        self.add::<T>("array", None, |layouts| {
            let of = layouts.of::<E>();
            // There may be more, if they have no bytes.
            u32::try_from(count).map_or(Form::Opaque, |count| Form::Array(of, count))
        })
    }

    /// An enum whose variants hold nothing: the name of each, and a value that only its bytes are wanted of.
    ///
    /// # Safety
    ///
    /// These are all its variants, in the order of its portable form, which is their position; it has no
    /// fields and asks for no alignment, and so no byte of it is padding.
    #[doc(hidden)]
    pub unsafe fn tags<T: Compact>(
        &mut self,
        name: &str,
        variants: &[(&str, ManuallyDrop<T>)],
    ) -> TypeNumber {
        let tag = |(name, value): &(&str, ManuallyDrop<T>)| {
            let bytes = std::ptr::from_ref(value).cast::<u8>();
            // SAFETY: a value without padding is so many initialised bytes, as the caller vouches.
            let bytes = unsafe { std::slice::from_raw_parts(bytes, size_of::<T>()) };
            Tag {
                name: (*name).into(),
                bytes: bytes.into(),
            }
        };
        self.add::<T>(name, None, |_| {
            Form::Tags(variants.iter().map(tag).collect())
        })
    }

    /// Any other enum: the name of each variant, and of its fields with [`Layouts::of`] their types.
    #[doc(hidden)]
    pub fn beside<T: Compact>(
        &mut self,
        name: &str,
        variants: &[(&str, &[(&str, Describe)])],
    ) -> TypeNumber {
        self.add::<T>(name, None, |layouts| layouts.form_of_variants(variants))
    }

    fn form_of_variants(&mut self, variants: &[(&str, &[(&str, Describe)])]) -> Form {
        let mut field = |&(name, describe): &(&str, Describe)| Field {
            name: name.into(),
            offset: 0,
            of: describe(self),
        };
        let variant = |&(name, fields): &(&str, &[(&str, Describe)])| Variant {
            name: name.into(),
            fields: fields.iter().map(&mut field).collect(),
        };
        Form::Beside(variants.iter().map(variant).collect())
    }

    /// An `Option`.
    pub(crate) fn option<T: Compact>(&mut self) -> TypeNumber {
        let of = self.of::<T>();
        let name = "core::option::Option";
        if self.natives[of as usize].niche.is_some() {
            return self.add::<Option<T>>(name, None, |_| Form::Optional(of));
        }
        self.beside::<Option<T>>(name, &[("None", &[]), ("Some", &[("0", Layouts::of::<T>)])])
    }

    /// A `CVec`, where its elements are found by the address and the number at these places.
    ///
    /// # Safety
    ///
    /// `T` has the address of its elements `E` at the first offset, as a pointer, and their number at the
    /// other one, as a `u32`; and it is read from the number and the elements.
    pub(crate) unsafe fn list<T: Compact, E: Compact>(
        &mut self,
        at: usize,
        length: usize,
    ) -> TypeNumber {
        let (at, length) = (at as u32, length as u32);
        self.add::<T>("chunky::CVec", None, |layouts| {
            let of = layouts.of::<E>();
            form_of_pointer(Form::List { of, at, length })
        })
    }

    /// A `CBox`.
    ///
    /// # Safety
    ///
    /// `T` is the address of an `E`, and is read as that.
    pub(crate) unsafe fn boxed<T: Compact, E: Compact>(&mut self) -> TypeNumber {
        self.add::<T>("chunky::CBox", None, |layouts| {
            form_of_pointer(Form::Boxed(layouts.of::<E>()))
        })
    }
}

/// Only here are numbers read as they lie, and is the size of an address what is recorded.
fn form_of_pointer(form: Form) -> Form {
    if cfg!(all(target_endian = "little", target_pointer_width = "64")) {
        form
    } else {
        Form::Opaque
    }
}

/// Writes the value at an address in portable form.
///
/// # Safety
///
/// There is a `T`, which nobody changes meanwhile.
unsafe fn write_at<T: Compact>(at: NonNull<u8>, to: &mut Writer) {
    // SAFETY: as the caller vouches.
    let value = unsafe { at.cast::<T>().as_ref() };
    value.write(to);
}
