#![cfg_attr(fuzzing, no_main)]

sidetone_fuzz::target!(sidetone_fuzz::g722::run);
