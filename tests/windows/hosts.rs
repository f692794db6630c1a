//! Hosts of each language: what they do is told by `tests/bindings`, what they leave behind is seen
//! from outside.

use std::{fs, process::Command};

use crate::{
    builds,
    child::Folder,
    in_wine, root, succeed,
    trial::scenario_seen,
    trial::tone_peer::{TONE_HZ, TonePeer},
    wine::Wine,
};

in_wine! {
    a_host_in_c_unloads_the_dll_and_nothing_is_left
    a_host_in_cpp_calls_a_phone
    a_host_in_pascal_calls_a_phone
    a_host_in_csharp_calls_a_phone_while_garbage_is_collected
}

/// It counts its own threads and handles, once for each way of unloading.
fn a_host_in_c_unloads_the_dll_and_nothing_is_left(wine: &Wine) {
    let peer = TonePeer::start(21);
    let program = wine.build("tests/c/unload.c", "libsidetone.dll.a");
    wine.run(&program, &["sidetone.dll", &peer.uri(), &TONE_HZ.to_string(), "7"]);
    peer.finish();
}

/// Runs a scenario; the threads of the library are counted by another program.
fn scenario(wine: &Wine, command: Command, process: &str, calls: u32) {
    let inspect = wine.build("tests/c/inspect.c", "libsidetone.dll.a");
    scenario_seen(command, calls, |_| {
        let told = wine.run(&inspect, &[process]);
        let ours = told.split(' ').next().and_then(|count| count.parse().ok());
        (ours.unwrap_or_else(|| panic!("{told}")), 0)
    });
}

fn a_host_in_cpp_calls_a_phone(wine: &Wine) {
    let program = wine.build("tests/bindings/scenario.cpp", "libsidetone.dll.a");
    scenario(wine, wine.command(&program), &program, 3);
}

fn a_host_in_pascal_calls_a_phone(wine: &Wine) {
    let (units, name) = (Folder::new("pascal"), "scenario_pas.exe");
    let compiler = builds().join("pascal").join(format!("{}-pascal", wine.machine));
    assert!(compiler.exists(), "scripts/pascal-windows.sh comes first");
    let mut pascal = Command::new(compiler);
    pascal.args(["-l-", "-v0ew", "-Sew", "-O1", "-gl"]);
    pascal.arg(format!("-Fu{}", root().join("bindings/delphi").display()));
    pascal.arg(format!("-FU{}", units.path("").display()));
    pascal.arg(format!("-o{}", wine.folder.join(name).display()));
    succeed(pascal.arg(root().join("tests/bindings/scenario.pas")));
    scenario(wine, wine.command(name), name, 3);
}

/// The settings of a program for .NET Core, beside it.
const RUNTIME: &str = r#"{"runtimeOptions":{"tfm":"netcoreapp3.1",
    "framework":{"name":"Microsoft.NETCore.App","version":"3.1.0"},
    "configProperties":{"System.Globalization.Invariant":true}}}"#;

fn a_host_in_csharp_calls_a_phone_while_garbage_is_collected(wine: &Wine) {
    let runtime = builds().join("dotnet").join(wine.machine);
    assert!(runtime.exists(), "scripts/dotnet-windows.sh comes first");
    // Inside the root where wine may have one, and each with its own programs.
    let there = wine.folder.join("dotnet");
    if !there.exists() {
        succeed(Command::new("cp").arg("-r").arg(&runtime).arg(&there));
    }
    let random = "bcryptprimitives.dll";
    fs::copy(wine.folder.join(random), there.join(random)).unwrap();
    let mut mcs = Command::new("mcs");
    // Without asynchronous streams: Mono and .NET Core have their interface in different assemblies.
    mcs.args(["-unsafe", "-langversion:7", "-warn:4", "-warnaserror"]);
    mcs.arg(format!("-out:{}", wine.folder.join("Csharp.exe").display()));
    mcs.arg(root().join("tests/bindings/Scenario.cs"));
    for file in ["Sidetone.cs", "SidetoneNative.cs", "SidetoneMethods.cs"] {
        mcs.arg(root().join("bindings/csharp").join(file));
    }
    succeed(&mut mcs);
    // No name that another program has: .NET Core takes each file here for an assembly of its name.
    fs::rename(wine.folder.join("Csharp.exe"), wine.folder.join("Csharp.dll")).unwrap();
    fs::write(wine.folder.join("Csharp.runtimeconfig.json"), RUNTIME).unwrap();
    let mut dotnet = wine.command("dotnet/dotnet.exe");
    dotnet.args(["exec", "--runtimeconfig", "Csharp.runtimeconfig.json", "Csharp.dll"]);
    scenario(wine, dotnet, "dotnet.exe", 3 + 200);
}
