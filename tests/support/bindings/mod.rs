//! Writes the parts of the bindings that follow the header word by word (constants, structs, imports,
//! and the methods whose form their parameters tell), and tries the bindings.

pub mod csharp;
pub mod declarations;
pub mod frozen;
pub mod methods;
pub mod pascal;
pub mod programs;
pub mod python;
pub mod table;
pub mod targets;
pub mod trial;
