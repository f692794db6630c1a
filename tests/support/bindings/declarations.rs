//! The declarations of `include/sidetone.h`, read.

/// Everything that the header declares.
#[derive(Clone, Debug, Default)]
pub struct Abi {
    pub constants: Vec<Constant>,
    pub structs: Vec<Struct>,
    pub callbacks: Vec<Function>,
    pub functions: Vec<Function>,
}

#[derive(Clone, Debug)]
pub struct Constant {
    pub name: String,
    pub value: i64,
    pub doc: String,
}

#[derive(Clone, Debug)]
pub struct Struct {
    pub name: String,
    pub doc: String,
    pub size: usize,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub kind: Type,
    /// Entries of an array.
    pub entries: Option<usize>,
    pub offset: usize,
    pub doc: String,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub doc: String,
    pub returns: Type,
    pub parameters: Vec<Parameter>,
    /// Declared on Windows only.
    pub windows: bool,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub kind: Type,
}

/// `const char *` is (char, constant, 1 pointer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    pub base: String,
    pub constant: bool,
    pub pointers: usize,
}

impl Abi {
    pub fn read(header: &str) -> Self {
        let mut abi = Self::default();
        let mut doc: Vec<&str> = Vec::new();
        let mut windows = false;
        let mut lines = header.lines();
        while let Some(line) = lines.next() {
            if let Some(text) = line.strip_prefix("///") {
                doc.push(text.strip_prefix(' ').unwrap_or(text));
                continue;
            }
            let comment = doc.join("\n");
            if let Some(constant) = Constant::read(line, &comment) {
                abi.constants.push(constant);
            } else if line.starts_with("typedef struct") && line.ends_with('{') {
                let kind = Struct::read(&mut lines, comment, &abi.structs);
                abi.structs.push(kind);
            } else if let Some(rest) = line.strip_prefix("typedef void (*") {
                let text = statement(rest, &mut lines).replacen(')', "", 1);
                abi.callbacks.push(Function::read(&format!("void {text}"), comment, false));
            } else if let Some(rest) = line.strip_prefix("SIDETONE_API") {
                let text = statement(rest, &mut lines);
                abi.functions.push(Function::read(&text, comment, windows));
            } else if line.starts_with("static inline") {
                lines.by_ref().find(|line| *line == "}");
            } else if line.starts_with("#if") {
                windows = line == "#if defined(_WIN32)";
                continue;
            }
            windows = windows && line != "#endif";
            doc.clear();
        }
        abi
    }

    pub fn find(&self, name: &str) -> Option<&Struct> {
        self.structs.iter().find(|kind| kind.name == name)
    }

    /// Whether the host fills it: it has an _init function.
    pub fn is_settings(&self, kind: &Struct) -> bool {
        let init = format!("{}_init", kind.name);
        self.functions.iter().any(|function| function.name == init)
    }

    /// Whether the library fills it.
    pub fn is_values(&self, kind: &Struct) -> bool {
        kind.fields[0].name == "size" && !self.is_settings(kind)
    }
}

impl Constant {
    fn read(line: &str, doc: &str) -> Option<Self> {
        let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
        let value = value.parse().ok()?;
        Some(Self { name: name.to_owned(), value, doc: doc.to_owned() })
    }
}

impl Struct {
    fn read<'a>(lines: &mut impl Iterator<Item = &'a str>, doc: String, known: &[Struct]) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let (mut size, mut comment) = (0, Vec::new());
        for line in lines {
            let line = line.trim();
            if let Some(text) = line.strip_prefix("///") {
                comment.push(text.trim());
            } else if let Some(name) = line.strip_prefix('}') {
                let name = name.trim().trim_end_matches(';').to_owned();
                return Self { name, doc, size, fields };
            } else {
                let mut field = Field::read(line, size);
                field.doc = comment.join("\n");
                size += field.kind.size(known) * field.entries.unwrap_or(1);
                fields.push(field);
                comment.clear();
            }
        }
        panic!("a struct without an end");
    }

    pub fn is_reserved(field: &Field) -> bool {
        field.name.starts_with("reserved")
    }

    /// The fields that mean something.
    pub fn meaningful(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.name != "size" && !Self::is_reserved(field))
    }
}

impl Field {
    fn read(line: &str, offset: usize) -> Self {
        let line = line.strip_suffix(';').unwrap_or_else(|| panic!("not a field: {line}"));
        let pointer =
            line.strip_prefix("SIDETONE_POINTER(").and_then(|rest| rest.strip_suffix(')'));
        let plain = pointer.map(|rest| rest.replace(", ", " *"));
        let Parameter { name, kind } = Parameter::read(plain.as_deref().unwrap_or(line));
        let (name, entries) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((name, entries)) => (name.to_owned(), Some(entries.parse().expect("a number"))),
            None => (name, None),
        };
        Self { name, kind, entries, offset, doc: String::new() }
    }
}

impl Function {
    fn read(text: &str, doc: String, windows: bool) -> Self {
        let (head, rest) = text.split_once('(').expect("a function has parameters");
        let Parameter { name, kind: returns } = Parameter::read(head);
        let list = rest.trim().trim_end_matches(';').trim_end_matches(')');
        let parameters = list.split(',').map(str::trim).filter(|text| *text != "void");
        let parameters = parameters.map(Parameter::read).collect();
        Self { name, doc, returns, parameters, windows }
    }
}

impl Parameter {
    /// As C writes it.
    pub fn c(&self) -> String {
        let kind = self.kind.c();
        format!("{kind}{}{}", if kind.ends_with('*') { "" } else { " " }, self.name)
    }

    fn read(text: &str) -> Self {
        let words = text.replace('*', " * ");
        let (mut words, mut pointers, mut constant) = (words.split_whitespace(), 0, false);
        let mut names = Vec::new();
        for word in &mut words {
            match word {
                "*" => pointers += 1,
                "const" => constant = true,
                "struct" => {}
                word => names.push(word.to_owned()),
            }
        }
        let [base, name] = <[String; 2]>::try_from(names)
            .unwrap_or_else(|names| panic!("{text}: {names:?} are not a type and a name"));
        Self { name, kind: Type { base, constant, pointers } }
    }
}

impl Type {
    /// As C writes it.
    pub fn c(&self) -> String {
        let constant = if self.constant { "const " } else { "" };
        let stars = "*".repeat(self.pointers);
        format!("{constant}{}{}{stars}", self.base, if stars.is_empty() { "" } else { " " })
    }

    /// Whether it is this, as C writes it.
    pub fn is(&self, c: &str) -> bool {
        self.c() == c
    }

    /// Octets in a struct.
    fn size(&self, known: &[Struct]) -> usize {
        match self.base.as_str() {
            _ if self.pointers > 0 => 8,
            "int16_t" | "uint16_t" => 2,
            "int32_t" | "uint32_t" | "float" => 4,
            "int64_t" | "uint64_t" | "double" => 8,
            name => known.iter().find(|kind| kind.name == name).expect("a struct before").size,
        }
    }
}

/// A declaration up to its semicolon.
fn statement<'a>(first: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut text = first.to_owned();
    while !text.ends_with(';') {
        text.push(' ');
        text.push_str(lines.next().expect("a declaration has an end").trim());
    }
    text
}
