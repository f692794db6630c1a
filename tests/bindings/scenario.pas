// Three calls to the phone of the first argument, which plays a tone of so many Hz as the second says:
// events handed out by a pump, pulled, and by a callback.
program scenario;

{$mode delphi}

uses
  {$ifdef UNIX}cthreads,{$endif} SysUtils, SyncObjs, Sidetone, SidetoneValues, SidetoneMethods, SidetoneClient;

const
  CAMPAIGN: UnicodeString = 'Fr'#$00FC'hling';

type
  TCalls = class
    Client: TSidetoneClient;
    Call, Request, Hangup: UInt64;
    Sequence: UInt64;
    States: string;
    Ended, Connected, Traced: Boolean;
    Replied, HangupReplied: Int32;
    Woken, Finished: TEvent;
    Lock: TCriticalSection;
    procedure Dial;
    procedure Take(Sender: TObject; const Event: TSidetoneEvent);
    procedure CallConnected;
    procedure Echo;
    procedure HearTone(Tap: UInt64);
    procedure CallState(Sender: TObject; const Event: TSidetoneEvent);
    procedure OnThread(Sender: TObject; const Event: TSidetoneEvent);
    procedure Wakeup(Sender: TObject);
    procedure Log(Sender: TObject; Level: UInt32; const Module, Text: UnicodeString);
    procedure Done;
  end;

procedure Must(Holds: Boolean; const What: string);
begin
  if not Holds then
    raise Exception.Create('not so: ' + What);
end;

// Tells where the program is, and waits until that was looked at.
procedure Step(const Name: string);
begin
  WriteLn(Name);
  Flush(Output);
  ReadLn;
end;

procedure TCalls.Dial;
var
  Options: TSidetoneDialOptions;
begin
  Options := TSidetoneDialOptions.Defaults;
  Options.Srtp := SIDETONE_SRTP_OFF;
  SetLength(Options.Codecs, 1);
  Options.Codecs[0] := SIDETONE_CODEC_PCMU;
  SetLength(Options.Headers, 1);
  Options.Headers[0] := SipHeader('X-Campaign', CAMPAIGN);
  States := '';
  Ended := False;
  Replied := 1;
  HangupReplied := 1;
  Call := Client.CallDial(SIDETONE_ID_NONE, UnicodeString(ParamStr(1)), @Options, @Request);
end;

procedure TCalls.Take(Sender: TObject; const Event: TSidetoneEvent);
begin
  Inc(Sequence);
  Must(Event.Sequence = Sequence, 'events come in order');
  if (Event.Kind = SIDETONE_EVENT_REPLY) and (Event.Request = Hangup) then
    HangupReplied := Event.Status
  else if Event.Kind = SIDETONE_EVENT_REPLY then
    Replied := Event.Status;
end;

procedure TCalls.CallState(Sender: TObject; const Event: TSidetoneEvent);
begin
  Must(Event.Kind = SIDETONE_EVENT_CALL, 'the handler is for this kind');
  Must(Event.Call = Call, 'the call is ours');
  States := States + ' ' + IntToStr(Event.State);
  if Event.State = SIDETONE_CALL_CONNECTED then
    CallConnected;
  Ended := Event.State = SIDETONE_CALL_ENDED;
  if Ended then
    Must((Event.Status = SIDETONE_OK) and (Event.End_ = SIDETONE_END_LOCAL), 'an orderly end');
end;

procedure TCalls.CallConnected;
var
  Info: sidetone_call_info;
  Calls: TSidetoneIds;
begin
  Info := Client.CallInfoRead(Call);
  Must((Info.outgoing = 1) and (Info.codec = SIDETONE_CODEC_PCMU), 'info of the call');
  Must(Pos('sipp@127.0.0.1', Client.CallTextRead(Call, SIDETONE_CALL_TEXT_REMOTE_URI)) > 0, 'uri');
  Must(Client.CallHeaderRead(Call, 'X-Nothing') = '', 'no such header');
  Calls := Client.CallList;
  Must((Length(Calls) = 1) and (Calls[0] = Call), 'list of calls');
  Must(Client.CallStatsRead(Call).packets_lost = 0, 'nothing was lost');
  Client.CallGain(Call, -3, 3);
  Echo;
  Client.CallHangup(Call, @Hangup);
end;

// Whether a tenth of a second at 8 kHz holds the tone of the second argument and hardly anything else.
function HoldsTone(const Block: TSidetoneSamples): Boolean;
var
  Factor, Before, Last, Next, Power: Double;
  Sample: Int16;
begin
  Factor := 2 * Cos(2 * Pi * StrToInt(ParamStr(2)) / 8000);
  Before := 0;
  Last := 0;
  Power := 0;
  for Sample in Block do
  begin
    Next := Sample + Factor * Last - Before;
    Before := Last;
    Last := Next;
    Power := Power + 1.0 * Sample * Sample;
  end;
  Next := (Last * Last + Before * Before - Factor * Last * Before) * 2 / Length(Block);
  Result := (Power > 1e6 * Length(Block)) and (Next > 0.95 * Power);
end;

// Listens until the tone is heard: for ten seconds at most.
procedure TCalls.HearTone(Tap: UInt64);
var
  Samples, Block: TSidetoneSamples;
  Frame: sidetone_tap_frame;
  Part, Index, Tries: Integer;
begin
  SetLength(Block, 800);
  Tries := 0;
  repeat
    for Part := 0 to 4 do
    begin
      Must(Client.TapRead(Tap, Samples, Frame, 20000), 'a frame');
      for Index := 0 to 159 do
        Block[160 * Part + Index] := Samples[Index];
    end;
    Inc(Tries);
    Must(Tries < 100, 'the tone is heard');
  until HoldsTone(Block);
end;

// A frame of what is heard goes back.
procedure TCalls.Echo;
var
  Options: TSidetoneTapOptions;
  Samples: TSidetoneSamples;
  Frame: sidetone_tap_frame;
  Info: sidetone_inject_info;
  Tap, Injection: UInt64;
begin
  Options := TSidetoneTapOptions.Defaults;
  Options.SampleRateHz := 8000;
  Tap := Client.TapOpen(Call, @Options);
  Injection := Client.InjectOpen(Call);
  Must(Client.TapRead(Tap, Samples, Frame, 20000), 'a frame');
  Must((Frame.samples = 160) and (Length(Samples) = 160) and (Frame.timestamp = 0), 'its length');
  Must(Client.InjectWrite(Injection, Samples) = 160, 'there is room');
  Info := Client.InjectInfoRead(Injection);
  Must(Info.queued + Info.played = 160, 'all is played');
  Client.InjectClose(Injection);
  HearTone(Tap);
  Client.TapClose(Tap);
end;

// The first event may be here before Dial has stored the call.
procedure TCalls.OnThread(Sender: TObject; const Event: TSidetoneEvent);
begin
  Lock.Enter;
  try
    Take(Sender, Event);
    if Event.Kind = SIDETONE_EVENT_CALL then
      CallState(Sender, Event);
    if Ended then
      Finished.SetEvent;
  finally
    Lock.Leave;
  end;
end;

procedure TCalls.Wakeup(Sender: TObject);
begin
  Woken.SetEvent;
end;

procedure TCalls.Log(Sender: TObject; Level: UInt32; const Module, Text: UnicodeString);
begin
  if (Module = 'sip.trace') and (Pos('X-Campaign: ' + CAMPAIGN, Text) > 0) then
    Traced := True;
end;

procedure TCalls.Done;
begin
  Must(Ended and (Replied = SIDETONE_OK) and (HangupReplied = SIDETONE_OK), 'all was answered');
  WriteLn('states', States);
end;

procedure Refused(Status: Int32; Calls: TCalls; const Uri: UnicodeString);
begin
  try
    if Uri = '' then
      Calls.Client.CallHangup(Calls.Call)
    else
      Calls.Client.CallDial(SIDETONE_ID_NONE, Uri);
  except
    on Error: ESidetone do
    begin
      Must((Error.Status = Status) and (Error.Message <> ''), 'refused as expected');
      Exit;
    end;
  end;
  Must(False, 'it was not refused');
end;

procedure WithoutAnEngine;
var
  Parts, Back: TSipBodyParts;
  ContentType: UnicodeString;
  Body: TBytes;
begin
  Must(SidetoneApiVersion >= SIDETONE_API_VERSION_VALUE, 'version');
  Must(SidetoneHasFeature('srtp') and not SidetoneHasFeature('teleport'), 'features');
  Must((SidetoneVersion <> '') and (SidetoneStrError(SIDETONE_ERR_BUSY) <> ''), 'texts');
  SetLength(Parts, 2);
  Parts[0].ContentType := 'text/plain';
  Parts[0].Body := TBytes.Create(1, 0, 2);
  Parts[1].ContentType := 'application/x-map';
  Body := SidetoneMultipartWrite(Parts, ContentType);
  Back := SidetoneMultipartRead(ContentType, Body);
  Must((Length(Back) = 2) and (Back[1].ContentType = 'application/x-map'), 'parts');
  Must((Length(Back[0].Body) = 3) and (Back[0].Body[2] = 2), 'octets');
end;

procedure Run;
var
  Config: TSidetoneEngineConfig;
  Calls: TCalls;
  Event: TSidetoneEvent;
begin
  Config := TSidetoneEngineConfig.Defaults;
  Must(Config.MaxCalls = 64, 'defaults');
  Config.Bind := '127.0.0.1';
  Config.UserAgent := 'scenario';
  Calls := TCalls.Create;
  Calls.Woken := TEvent.Create(nil, False, False, '');
  Calls.Lock := TCriticalSection.Create;
  Calls.Finished := TEvent.Create(nil, False, False, '');
  Calls.Client := TSidetoneClient.Create(Config);
  try
    Step('up');
    Calls.Client.LogSet(SIDETONE_LOG_TRACE, Calls.Log);

    // Handed out by a pump when a wake-up says so.
    Calls.Client.OnEvent := Calls.Take;
    Calls.Client.OnCall := Calls.CallState;
    Calls.Client.WakeupSetFunction(Calls.Wakeup);
    Calls.Dial;
    while not Calls.Ended do
    begin
      Must(Calls.Woken.WaitFor(20000) = wrSignaled, 'a wake-up');
      Calls.Client.Pump;
    end;
    Calls.Client.WakeupSetFunction(nil);
    Calls.Done;
    Refused(SIDETONE_ERR_STALE_ID, Calls, '');

    // Pulled.
    Calls.Dial;
    while not Calls.Ended do
    begin
      Must(Calls.Client.EventNext(Event, 20000), 'an event');
      Calls.Take(nil, Event);
      if Event.Kind = SIDETONE_EVENT_CALL then
        Calls.CallState(nil, Event);
    end;
    Calls.Done;

    // By a callback on a thread of the library.
    Calls.Client.EventThreadStart(Calls.OnThread);
    Calls.Lock.Enter;
    try
      Calls.Dial;
    finally
      Calls.Lock.Leave;
    end;
    Must(Calls.Finished.WaitFor(20000) = wrSignaled, 'the end of the call');
    Calls.Client.EventThreadStop;
    Calls.Done;

    Refused(SIDETONE_ERR_INVALID_URI, Calls, 'foo:bar');
    Must(Pos('127.0.0.1:', Calls.Client.EngineAddressRead(SIDETONE_TRANSPORT_UDP)) = 1, 'address');
    Calls.Client.LogSet(SIDETONE_LOG_OFF, nil);
    Must(Calls.Traced, 'the log told of the header');
    Calls.Client.EngineShutdown(2000);
    Calls.Client.OnCall := nil;
    Must(Calls.Client.Pump > 0, 'the last event');
    Must(not Calls.Client.EventNext(Event, -1), 'none follows');
  finally
    Calls.Client.Free;
  end;
  Calls.Woken.Free;
  Calls.Finished.Free;
  Calls.Lock.Free;
  Calls.Free;
end;

begin
  WithoutAnEngine;
  Step('before');
  Run;
  Step('gone');
end.
