//! Reads the body of a function.

use super::context::Context;
use super::functions::Function;
use super::types::{To, Ty};
use crate::model::ID_METHODS;
use crate::schema::MessageKind;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprCall, ExprClosure, ExprMethodCall, Ident, Item, Local, Macro, Path, Stmt,
    Token, Type,
};

/// What the body of a function does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// It calls a function of the crate.
    Call(usize),
    /// It sends a message.
    Send {
        to: To,
        message: String,
        kind: MessageKind,
        is_broadcast: bool,
        is_inferred: bool,
        line: usize,
    },
    /// It calls something by the name of a message.
    Unknown {
        message: String,
        candidates: Vec<To>,
        line: usize,
    },
}

/// Reads the body of a function.
pub(super) fn walk(context: &Context, function: &Function) -> Vec<Found> {
    let mut walker = Walker {
        context,
        function,
        scope: vec![("self".to_owned(), function.self_type.clone())],
        found: Vec::new(),
    };
    for (pattern, ty) in &function.parameters {
        walker.bind(pattern, ty);
    }
    walker.block(function.body);
    walker.found
}

pub(super) struct Walker<'w, 'm, 'a> {
    pub(super) context: &'w Context<'m, 'a>,
    function: &'w Function<'a>,
    /// The names in scope; the last of a name counts.
    pub(super) scope: Vec<(String, Ty)>,
    found: Vec<Found>,
}

impl Walker<'_, '_, '_> {
    pub(super) fn read(&self, ty: &Type) -> Ty {
        self.context
            .read(ty, self.function.module, &self.function.self_type)
    }

    pub(super) fn read_path(&self, path: &Path) -> Ty {
        self.context
            .read_path(path, self.function.module, &self.function.self_type)
    }

    fn block(&mut self, block: &Block) -> Ty {
        let mark = self.scope.len();
        let mut last = Ty::Unknown;
        for statement in &block.stmts {
            last = match statement {
                Stmt::Local(local) => {
                    self.local(local);
                    Ty::Unknown
                }
                Stmt::Expr(expression, end) => {
                    let ty = self.expression(expression);
                    if end.is_none() { ty } else { Ty::Unknown }
                }
                Stmt::Macro(statement) => self.tokens(&statement.mac),
                Stmt::Item(_) => Ty::Unknown,
            };
        }
        self.scope.truncate(mark);
        last
    }

    fn local(&mut self, local: &Local) {
        let ty = local.init.as_ref().map_or(Ty::Unknown, |init| {
            let ty = self.expression(&init.expr);
            if let Some((_, otherwise)) = &init.diverge {
                self.expression(otherwise);
            }
            ty
        });
        self.bind(&local.pat, &ty);
    }

    /// The expressions among the tokens of a macro, if that is what they are.
    fn tokens(&mut self, of: &Macro) -> Ty {
        let parsed = of.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        let types: Vec<Ty> = parsed
            .into_iter()
            .flatten()
            .map(|expression| self.expression(&expression))
            .collect();
        types
            .into_iter()
            .find(|ty| *ty != Ty::Unknown)
            .unwrap_or(Ty::Unknown)
    }

    /// Reads an expression, and says what it is.
    pub(super) fn expression(&mut self, expression: &Expr) -> Ty {
        match expression {
            Expr::Path(path) if path.qself.is_none() => self.variable(&path.path),
            Expr::Paren(inner) => self.expression(&inner.expr),
            Expr::Group(inner) => self.expression(&inner.expr),
            Expr::Reference(inner) => self.expression(&inner.expr),
            Expr::Unary(inner) => self.expression(&inner.expr),
            Expr::Try(inner) => self.expression(&inner.expr),
            Expr::Block(inner) => self.block(&inner.block),
            Expr::Field(inner) => {
                let of = self.expression(&inner.base);
                self.context.field(&of, &inner.member)
            }
            Expr::Index(inner) => {
                self.expression(&inner.index);
                self.expression(&inner.expr)
            }
            Expr::Tuple(inner) => {
                let types: Vec<Ty> = inner.elems.iter().map(|e| self.expression(e)).collect();
                Ty::of_tuple(types)
            }
            Expr::Array(inner) => inner.elems.iter().fold(Ty::Unknown, |ty, item| {
                let next = self.expression(item);
                ty.or(|| next)
            }),
            Expr::Repeat(inner) => self.expression(&inner.expr),
            Expr::Struct(inner) => {
                for field in &inner.fields {
                    self.expression(&field.expr);
                }
                if let Some(rest) = &inner.rest {
                    self.expression(rest);
                }
                self.read_path(&inner.path)
            }
            Expr::Let(inner) => {
                let ty = self.expression(&inner.expr);
                self.bind(&inner.pat, &ty);
                Ty::Unknown
            }
            Expr::If(inner) => {
                let mark = self.scope.len();
                self.expression(&inner.cond);
                let ty = self.block(&inner.then_branch);
                self.scope.truncate(mark);
                let otherwise = inner.else_branch.as_ref();
                let other = otherwise.map_or(Ty::Unknown, |(_, e)| self.expression(e));
                ty.or(|| other)
            }
            Expr::Match(inner) => {
                let of = self.expression(&inner.expr);
                let mut ty = Ty::Unknown;
                for arm in &inner.arms {
                    let mark = self.scope.len();
                    self.bind(&arm.pat, &of);
                    let next = self.expression(&arm.body);
                    self.scope.truncate(mark);
                    ty = ty.or(|| next);
                }
                ty
            }
            Expr::While(inner) => {
                let mark = self.scope.len();
                self.expression(&inner.cond);
                self.block(&inner.body);
                self.scope.truncate(mark);
                Ty::Unknown
            }
            Expr::ForLoop(inner) => {
                let of = self.expression(&inner.expr);
                let mark = self.scope.len();
                self.bind(&inner.pat, &of);
                self.block(&inner.body);
                self.scope.truncate(mark);
                Ty::Unknown
            }
            Expr::Closure(closure) => self.closure(closure, &[]),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Macro(inner) => self.tokens(&inner.mac),
            other => {
                visit::visit_expr(self, other);
                Ty::Unknown
            }
        }
    }

    fn variable(&self, path: &Path) -> Ty {
        let Some(name) = path.get_ident() else {
            return Ty::Unknown;
        };
        let name = name.unraw().to_string();
        let mut scope = self.scope.iter().rev();
        scope
            .find(|(known, _)| *known == name)
            .map_or(Ty::Unknown, |(_, ty)| ty.clone())
    }

    /// Reads a closure whose parameters are of these types, and says what it returns.
    fn closure(&mut self, closure: &ExprClosure, types: &[Ty]) -> Ty {
        let mark = self.scope.len();
        for (index, pattern) in closure.inputs.iter().enumerate() {
            let ty = types.get(index).unwrap_or(&Ty::Unknown).clone();
            self.bind(pattern, &ty);
        }
        let ty = self.expression(&closure.body);
        self.scope.truncate(mark);
        ty
    }

    fn call(&mut self, call: &ExprCall) -> Ty {
        let types: Vec<Ty> = call.args.iter().map(|e| self.expression(e)).collect();
        let Expr::Path(function) = &*call.func else {
            return self.expression(&call.func);
        };
        if function.qself.is_some() {
            return Ty::Unknown;
        }
        let path = &function.path;
        let free = self.context.free(self.function.module, path);
        if !free.is_empty() {
            return self.called(&free);
        }
        if let Some((of, name)) = self.split(path) {
            let of = self.read_path(&of);
            if let Ty::Id(to, _) = of {
                return self.function_of_id(to, name, &types);
            }
            let methods = self
                .context
                .methods(&of, &name.unraw().to_string())
                .to_vec();
            if !methods.is_empty() {
                return self.called(&methods);
            }
            if of != Ty::Unknown {
                return of;
            }
        } else if let of @ Ty::Item(..) = self.read_path(path) {
            return of;
        }
        // `Some(x)`, `Box::new(x)` are taken for what they hold.
        if let [only] = &types[..] {
            only.clone()
        } else {
            Ty::Unknown
        }
    }

    /// A call of functions of the crate: several, if conditions choose between them.
    fn called(&mut self, functions: &[usize]) -> Ty {
        let mut ty = Ty::Unknown;
        for function in functions {
            self.found.push(Found::Call(*function));
            ty = ty.or(|| self.context.functions[*function].output.clone());
        }
        ty
    }

    /// `CarId::spawn(..)`, `CarId::local_broadcast(world)`, `CarId::tick(id, world)`.
    fn function_of_id(&mut self, to: To, ident: &Ident, types: &[Ty]) -> Ty {
        let name = ident.unraw().to_string();
        let count = types.len();
        let has = |name: &str, extra: usize, kind| {
            count >= extra && self.context.has_message(to, name, count - extra, kind)
        };
        if has(&name, 2, MessageKind::Handler) {
            let is_broadcast = matches!(types[0], Ty::Id(_, true));
            self.send(to, ident, &name, MessageKind::Handler, is_broadcast, false);
            return Ty::Unknown;
        }
        let near = name.strip_suffix("_near");
        let spawner = if has(&name, 1, MessageKind::Spawner) {
            Some(&*name)
        } else {
            near.filter(|near| has(near, 2, MessageKind::Spawner))
        };
        // What takes the world mutably and is no address is a spawner of the other crate's actor.
        let is_address = ID_METHODS.contains(&&*name);
        let of_other = self.context.may_have_any(to) && types.last() == Some(&Ty::World);
        let spawner = spawner.or_else(|| (of_other && !is_address).then(|| near.unwrap_or(&name)));
        if let Some(spawner) = spawner {
            self.send(to, ident, spawner, MessageKind::Spawner, false, false);
        }
        let is_broadcast = name.ends_with("_broadcast") && is_address;
        Ty::Id(to, is_broadcast)
    }

    fn send(
        &mut self,
        to: To,
        ident: &Ident,
        message: &str,
        kind: MessageKind,
        is_broadcast: bool,
        is_inferred: bool,
    ) {
        self.found.push(Found::Send {
            to,
            message: message.to_owned(),
            kind,
            is_broadcast,
            is_inferred,
            line: ident.span().start().line,
        });
    }

    fn method_call(&mut self, call: &ExprMethodCall) -> Ty {
        let of = self.expression(&call.receiver);
        let name = call.method.unraw().to_string();
        let functions = self.context.methods(&of, &name).to_vec();
        // Closures are read with what the receiver holds, and so after the other arguments.
        let mut types: Vec<Ty> = call
            .args
            .iter()
            .map(|argument| match argument {
                Expr::Closure(_) => Ty::Unknown,
                other => self.expression(other),
            })
            .collect();
        for (index, argument) in call.args.iter().enumerate() {
            if let Expr::Closure(closure) = argument {
                let given = match (&*name, types.first()) {
                    ("fold" | "try_fold", Some(first)) => [first.clone(), of.clone()],
                    _ => [of.clone(), of.clone()],
                };
                types[index] = self.closure(closure, &given);
            }
        }
        if !functions.is_empty() {
            return self.called(&functions);
        }
        match of {
            Ty::Id(to, is_broadcast) if self.is_message(to, &name, &types) => {
                self.send(
                    to,
                    &call.method,
                    &name,
                    MessageKind::Handler,
                    is_broadcast,
                    false,
                );
                Ty::Unknown
            }
            Ty::Unknown => {
                self.by_name(call, &name, &types);
                self.fill(&call.receiver, &name, &types);
                result(of, &name, &types)
            }
            Ty::World if name == "world" => Ty::World,
            of => result(of, &name, &types),
        }
    }

    /// Whether a call on an id, with these arguments, sends a message.
    fn is_message(&self, to: To, name: &str, types: &[Ty]) -> bool {
        let Some(parameters) = types.len().checked_sub(1) else {
            return false;
        };
        let of_other = self.context.may_have_any(to) && types[parameters] == Ty::World;
        of_other
            || self
                .context
                .has_message(to, name, parameters, MessageKind::Handler)
    }

    /// An empty collection or option says what it holds when it is filled.
    fn fill(&mut self, receiver: &Expr, name: &str, types: &[Ty]) {
        if let "push" | "push_back" | "insert" | "extend" | "replace" | "get_or_insert" = name
            && let Expr::Path(path) = receiver
            && let Some(variable) = path.path.get_ident()
            && let Some(last) = types.last()
        {
            let variable = variable.unraw().to_string();
            let mut scope = self.scope.iter_mut().rev();
            if let Some((_, ty)) = scope.find(|(known, _)| *known == variable) {
                *ty = if let [_, _] = types {
                    Ty::of_tuple(types.to_vec())
                } else {
                    last.clone()
                };
            }
        }
    }

    /// A call on something unknown: the name may tell who receives it.
    fn by_name(&mut self, call: &ExprMethodCall, name: &str, types: &[Ty]) {
        if types.last() != Some(&Ty::World) {
            return;
        }
        match self.context.receivers_of(name, types.len() - 1) {
            [] => {}
            [to] => self.send(*to, &call.method, name, MessageKind::Handler, false, true),
            several => self.found.push(Found::Unknown {
                message: name.to_owned(),
                candidates: several.to_vec(),
                line: call.method.span().start().line,
            }),
        }
    }
}

/// What a method of a foreign type returns, called on something that holds `of`.
fn result(of: Ty, name: &str, arguments: &[Ty]) -> Ty {
    let last = || arguments.last().cloned().unwrap_or(Ty::Unknown);
    let first = || arguments.first().cloned().unwrap_or(Ty::Unknown);
    match name {
        "map" | "and_then" | "filter_map" | "flat_map" | "find_map" | "map_or" | "map_or_else"
        | "map_while" | "then" | "then_some" => last(),
        "fold" | "try_fold" => first(),
        "enumerate" => Ty::of_tuple([Ty::Unknown, of]),
        "zip" => Ty::of_tuple([of, first()]),
        "keys" | "into_keys" => of.at(0).or(|| of.clone()),
        "values" | "values_mut" | "into_values" | "get" | "get_mut" | "remove" | "insert"
        | "get_or_insert_with"
            if matches!(&of, Ty::Many(types) if types.len() == 2) =>
        {
            of.at(1)
        }
        // Only the context of `id.into()` says what it becomes.
        "into" | "try_into" => Ty::Unknown,
        _ => of,
    }
}

impl<'e> Visit<'e> for Walker<'_, '_, '_> {
    fn visit_expr(&mut self, expression: &'e Expr) {
        self.expression(expression);
    }

    fn visit_block(&mut self, block: &'e Block) {
        self.block(block);
    }

    fn visit_item(&mut self, _: &'e Item) {}
}
