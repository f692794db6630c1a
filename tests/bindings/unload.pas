// Loads the library, has an engine with a call, and unloads the library, again and again: the path of
// the library is the argument. No thread of it may be left then, whose code would be gone.
program unload;

{$mode delphi}

uses
  cthreads, SysUtils, DynLibs;

const
  BIND = 24; // where sidetone_engine_config has the text `bind`

type
  TConfig = array[0..1023] of Byte;
  TInit = function(out Config: TConfig; Size: UInt32): Int32; cdecl;
  TCreate = function(const Config: TConfig; out Engine: Pointer): Int32; cdecl;
  TDial = function(Engine: Pointer; Account: UInt64; Uri: PAnsiChar; Length: Int32;
    Options: Pointer; out Call: UInt64; Request: Pointer): Int32; cdecl;
  TDestroy = function(Engine: Pointer): Int32; cdecl;

procedure Must(Holds: Boolean; const What: string);
begin
  if not Holds then
    raise Exception.Create('not so: ' + What);
end;

function Tasks: Integer;
var
  Found: TSearchRec;
begin
  Result := 0;
  if FindFirst('/proc/self/task/*', faAnyFile, Found) = 0 then
    repeat
      if Found.Name[1] <> '.' then
        Inc(Result);
    until FindNext(Found) <> 0;
  FindClose(Found);
end;

procedure UseOnce(const Path: string);
var
  Handle: TLibHandle;
  Engine: Pointer;
  Call: UInt64;
  Config: TConfig;
  Init: TInit;
  Create: TCreate;
  Dial: TDial;
  Destroy: TDestroy;
begin
  Handle := LoadLibrary(Path);
  Must(Handle <> NilHandle, 'it is loaded: ' + GetLoadErrorStr);
  Create := TCreate(GetProcedureAddress(Handle, 'sidetone_engine_create'));
  Dial := TDial(GetProcedureAddress(Handle, 'sidetone_call_dial'));
  Destroy := TDestroy(GetProcedureAddress(Handle, 'sidetone_engine_destroy'));
  Init := TInit(GetProcedureAddress(Handle, 'sidetone_engine_config_init'));
  Must(Init(Config, SizeOf(Config)) = 0, 'defaults');
  PPAnsiChar(@Config[BIND])^ := '127.0.0.1';
  Must(Create(Config, Engine) = 0, 'an engine');
  Must(Dial(Engine, 0, 'sip:nobody@127.0.0.1:9', -1, nil, Call, nil) = 0, 'a call');
  Must(Tasks > 1, 'threads of the library');
  Must(Destroy(Engine) = 0, 'the end of the engine');
  Must(Tasks = 1, 'no thread is left');
  Must(UnloadLibrary(Handle), 'it is unloaded');
end;

var
  Round: Integer;

begin
  for Round := 1 to 11 do
    UseOnce(ParamStr(1));
  WriteLn('all gone');
end.
