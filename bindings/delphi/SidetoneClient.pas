// An engine as an object: its life, its events, its callbacks.
//
// What functions do, and which errors they give, is told in sidetone.h: sidetone_call_dial() there is
// CallDial here. A function that fails raises ESidetone.
unit SidetoneClient;

{$ifdef FPC}{$mode delphi}{$endif}

interface

uses
  {$ifdef MSWINDOWS}Windows, Classes,{$endif}
  SysUtils, Sidetone, SidetoneValues, SidetoneMethods;

type
  // 16-bit mono.
  TSidetoneSamples = array of Int16;
  TSidetoneNotify = procedure(Sender: TObject) of object;
  TSidetoneLogHandler = procedure(Sender: TObject; Level: UInt32; const Module,
    Text: UnicodeString) of object;

  // Events come to OnEvent and to the handler of their kind (OnCall, OnIncomingCall...) in the thread
  // that pumps: on Windows that which made the client, by its message loop; elsewhere whoever calls
  // Pump. No other thread may be in a method while the client is freed.
  TSidetoneClient = class(TSidetoneMethods)
  private
    FOnEvent: TSidetoneEventHandler;
    FOnThread: TSidetoneEventHandler;
    FOnWakeup: TSidetoneNotify;
    FOnLog: TSidetoneLogHandler;
    {$ifdef MSWINDOWS}
    FWindow: HWND;
    procedure OpenWindow;
    procedure PumpAll;
    {$endif}
    procedure Deliver(const Event: TSidetoneEvent);
  public
    constructor Create; overload;
    constructor Create(const Config: TSidetoneEngineConfig); overload;
    // Shuts down and destroys the engine.
    destructor Destroy; override;
    // Takes the next event, waiting so long (-1: for ever). False when none came, when Wake was
    // called, or when the engine has stopped.
    function EventNext(out Event: TSidetoneEvent; TimeoutMs: Int32 = -1): Boolean;
    // Hands every event that waits to the handlers, waiting so long for the first; how many.
    function Pump(TimeoutMs: Int32 = 0): Integer;
    // Has a thread of the library call a handler with each event; nil ends it. What the handler
    // raises is lost.
    procedure EventThreadStart(const Handler: TSidetoneEventHandler);
    procedure EventThreadStop;
    // Has a handler called, on any thread, each time that events wait after there were none. It may
    // only notify. nil ends every wake-up.
    procedure WakeupSetFunction(const Handler: TSidetoneNotify);
    // Has eight bytes written to a descriptor instead: an eventfd, or a non-blocking pipe.
    procedure WakeupSetFd(Fd: Int32);
    {$ifdef MSWINDOWS}
    // Has an event object set instead.
    procedure WakeupSetHandle(Handle: THandle);
    // Has a message posted to a window instead.
    procedure WakeupSetWindow(Window: HWND; Message: UInt32);
    {$endif}
    // Sends log lines to a handler, on a thread of the library. It may not call the engine. nil ends
    // the log.
    procedure LogSet(Level: UInt32; const Handler: TSidetoneLogHandler);
    // Takes the next frame of a tap, waiting so long (-1: for ever). False when none came; raises
    // SIDETONE_ERR_ENDED when the call is over and all was read.
    function TapRead(Tap: UInt64; out Samples: TSidetoneSamples; out Frame: sidetone_tap_frame;
      TimeoutMs: Int32 = -1): Boolean;
    // Queues samples behind those that wait; how many there was room for.
    function InjectWrite(Injection: UInt64; const Samples: array of Int16): UInt32;
    // Every event, before the handler of its kind.
    property OnEvent: TSidetoneEventHandler read FOnEvent write FOnEvent;
    // For functions of the unit Sidetone.
    property Engine: Psidetone_engine read FEngine;
  end;

implementation

// Nothing may be raised into the library.

procedure ThreadEvent(event: Psidetone_event; user: Pointer); cdecl;
begin
  try
    TSidetoneClient(user).FOnThread(TSidetoneClient(user), TSidetoneEvent.Copied(event^));
  except
  end;
end;

procedure ThreadWakeup(user: Pointer); cdecl;
begin
  try
    TSidetoneClient(user).FOnWakeup(TSidetoneClient(user));
  except
  end;
end;

procedure ThreadLog(level: UInt32; module: PAnsiChar; text: PAnsiChar; length: Int32;
  user: Pointer); cdecl;
begin
  try
    TSidetoneClient(user).FOnLog(TSidetoneClient(user), level, SidetoneText(module, -1),
      SidetoneText(text, length));
  except
  end;
end;

constructor TSidetoneClient.Create;
begin
  Create(TSidetoneEngineConfig.Defaults);
end;

constructor TSidetoneClient.Create(const Config: TSidetoneEngineConfig);
var
  Raw: sidetone_engine_config;
  Kept: TSidetoneKept;
  Settings: TSidetoneEngineConfig;
begin
  inherited Create;
  // Threads of the library call in here.
  IsMultiThread := True;
  if (sidetone_api_version shr 16 <> SIDETONE_API_VERSION_VALUE shr 16) or
    (sidetone_api_version < SIDETONE_API_VERSION_VALUE) then
    raise ESidetone.Create(SIDETONE_ERR_UNSUPPORTED, 'the library is of another version');
  Settings := Config;
  Settings.Fill(Raw, Kept);
  SidetoneCheck(sidetone_engine_create(@Raw, @FEngine));
  {$ifdef MSWINDOWS}
  OpenWindow;
  {$endif}
end;

destructor TSidetoneClient.Destroy;
begin
  if FEngine <> nil then
    SidetoneCheck(sidetone_engine_destroy(FEngine));
  FEngine := nil;
  {$ifdef MSWINDOWS}
  if FWindow <> 0 then
    DestroyWindow(FWindow);
  {$endif}
  inherited Destroy;
end;

function TSidetoneClient.EventNext(out Event: TSidetoneEvent; TimeoutMs: Int32): Boolean;
var
  Raw: sidetone_event;
  Status: Int32;
begin
  Raw := Default(sidetone_event);
  Raw.size := SizeOf(Raw);
  Status := sidetone_event_next(FEngine, TimeoutMs, @Raw);
  Result := (Status <> SIDETONE_ERR_TIMEOUT) and (Status <> SIDETONE_ERR_SHUTDOWN);
  if Result then
    SidetoneCheck(Status);
  Event := TSidetoneEvent.Copied(Raw);
end;

function TSidetoneClient.Pump(TimeoutMs: Int32): Integer;
var
  Event: TSidetoneEvent;
begin
  Result := 0;
  while EventNext(Event, TimeoutMs) do
  begin
    Inc(Result);
    TimeoutMs := 0;
    Deliver(Event);
  end;
end;

procedure TSidetoneClient.Deliver(const Event: TSidetoneEvent);
var
  Handler: TSidetoneEventHandler;
begin
  if Assigned(FOnEvent) then
    FOnEvent(Self, Event);
  Handler := HandlerOf(Event.Kind);
  if Assigned(Handler) then
    Handler(Self, Event);
end;

procedure TSidetoneClient.EventThreadStart(const Handler: TSidetoneEventHandler);
begin
  EventThreadStop;
  FOnThread := Handler;
  if Assigned(Handler) then
    SidetoneCheck(sidetone_event_thread_start(FEngine, ThreadEvent, Self));
end;

procedure TSidetoneClient.EventThreadStop;
begin
  SidetoneCheck(sidetone_event_thread_stop(FEngine));
end;

procedure TSidetoneClient.WakeupSetFunction(const Handler: TSidetoneNotify);
begin
  SidetoneCheck(sidetone_wakeup_set_function(FEngine, nil, nil));
  FOnWakeup := Handler;
  if Assigned(Handler) then
    SidetoneCheck(sidetone_wakeup_set_function(FEngine, ThreadWakeup, Self));
end;

procedure TSidetoneClient.WakeupSetFd(Fd: Int32);
begin
  SidetoneCheck(sidetone_wakeup_set_fd(FEngine, Fd));
end;

procedure TSidetoneClient.LogSet(Level: UInt32; const Handler: TSidetoneLogHandler);
begin
  SidetoneCheck(sidetone_log_set(FEngine, SIDETONE_LOG_OFF, nil, nil));
  FOnLog := Handler;
  if Assigned(Handler) then
    SidetoneCheck(sidetone_log_set(FEngine, Level, ThreadLog, Self));
end;

function TSidetoneClient.TapRead(Tap: UInt64; out Samples: TSidetoneSamples;
  out Frame: sidetone_tap_frame; TimeoutMs: Int32): Boolean;
var
  Status: Int32;
begin
  SetLength(Samples, SIDETONE_TAP_SAMPLES_MAX);
  Frame := Default(sidetone_tap_frame);
  Frame.size := SizeOf(Frame);
  Status := sidetone_tap_read(FEngine, Tap, @Samples[0], SIDETONE_TAP_SAMPLES_MAX, TimeoutMs,
    @Frame);
  Result := Status <> SIDETONE_ERR_TIMEOUT;
  if Result then
    SidetoneCheck(Status);
  SetLength(Samples, Frame.samples);
end;

function TSidetoneClient.InjectWrite(Injection: UInt64; const Samples: array of Int16): UInt32;
begin
  Result := 0;
  if Length(Samples) > 0 then
    SidetoneCheck(sidetone_inject_write(FEngine, Injection, @Samples[0], Length(Samples), @Result));
end;

{$ifdef MSWINDOWS}

const
  EVENTS_WAIT = $8000; // WM_APP
  WINDOW_CLASS: PWideChar = 'SidetoneClient';
  ONLY_MESSAGES = HWND(-3); // HWND_MESSAGE

function WindowProcedure(Window: HWND; Message: UINT; WParam: WPARAM; LParam: LPARAM): LRESULT;
  stdcall;
var
  Client: TSidetoneClient;
begin
  Client := TSidetoneClient(Pointer(GetWindowLongPtr(Window, GWLP_USERDATA)));
  if (Message = EVENTS_WAIT) and (Client <> nil) then
  begin
    Client.PumpAll;
    Exit(0);
  end;
  Result := DefWindowProcW(Window, Message, WParam, LParam);
end;

// What a handler raises is shown as the application shows such things. The other events are handed
// out all the same: no further message comes for them.
procedure TSidetoneClient.PumpAll;
var
  Left: Boolean;
begin
  repeat
    try
      Pump;
      Left := False;
    except
      if not Assigned(ApplicationHandleException) then
        raise;
      ApplicationHandleException(Self);
      Left := True;
    end;
  until not Left;
end;

procedure TSidetoneClient.OpenWindow;
var
  Description: TWndClassW;
begin
  FillChar(Description, SizeOf(Description), 0);
  Description.lpfnWndProc := @WindowProcedure;
  Description.hInstance := HInstance;
  Description.lpszClassName := WINDOW_CLASS;
  Windows.RegisterClassW(Description); // there already: fine
  FWindow := CreateWindowExW(0, WINDOW_CLASS, '', 0, 0, 0, 0, 0, ONLY_MESSAGES, 0, HInstance, nil);
  if FWindow = 0 then
    RaiseLastOSError;
  SetWindowLongPtr(FWindow, GWLP_USERDATA, NativeInt(Self));
  WakeupSetWindow(FWindow, EVENTS_WAIT);
end;

procedure TSidetoneClient.WakeupSetHandle(Handle: THandle);
begin
  SidetoneCheck(sidetone_wakeup_set_handle(FEngine, Pointer(Handle)));
end;

procedure TSidetoneClient.WakeupSetWindow(Window: HWND; Message: UInt32);
begin
  SidetoneCheck(sidetone_wakeup_set_window(FEngine, Pointer(Window), Message));
end;

{$endif}

end.
