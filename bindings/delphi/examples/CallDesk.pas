// What a CRM does with a phone, without its windows: click to dial, a screen pop for whoever calls, a
// log of the calls. MainForm uses it on Windows, ConsoleCall anywhere.
//
// Everything happens on the thread that made the desk, by its message loop or by Pump.
unit CallDesk;

{$ifdef FPC}{$mode delphi}{$endif}

interface

uses
  SysUtils, Classes, DateUtils, Sidetone, SidetoneValues, SidetoneMethods, SidetoneClient;

type
  TScreenPop = procedure(Sender: TObject; const Name, Uri, Asserted: UnicodeString) of object;
  TCallStateChange = procedure(Sender: TObject; State: UInt32; const Text: UnicodeString) of object;

  // One call at a time.
  TCallDesk = class
  private
    FClient: TSidetoneClient;
    FLog: string;
    FCall, FConnectedNs: UInt64;
    FBegin: TDateTime;
    FDirection, FFarEnd, FName, FAsserted: UnicodeString;
    FOnScreenPop: TScreenPop;
    FOnState: TCallStateChange;
    procedure IncomingCall(Sender: TObject; const Event: TSidetoneEvent);
    procedure CallState(Sender: TObject; const Event: TSidetoneEvent);
    procedure Connecting(Call: UInt64; const Direction, FarEnd, Name: UnicodeString);
    procedure WriteLog(const Event: TSidetoneEvent);
  public
    // Log: a CSV file that gets a line for each call.
    constructor Create(const Log: string);
    // Hangs up, and logs the end.
    destructor Destroy; override;
    procedure Dial(const Uri: UnicodeString);
    // Does nothing without a call to answer, as HangUp does without any.
    procedure Answer;
    procedure HangUp;
    // Whether there is a call.
    function Busy: Boolean;
    // Whether somebody calls, and was not answered.
    function CanAnswer: Boolean;
    property Client: TSidetoneClient read FClient;
    property OnScreenPop: TScreenPop read FOnScreenPop write FOnScreenPop;
    property OnState: TCallStateChange read FOnState write FOnState;
  end;

implementation

const
  Heading = '"begin","direction","far end","name","asserted","talked ms","sip code","end"'#13#10;

constructor TCallDesk.Create(const Log: string);
var
  Config: TSidetoneEngineConfig;
begin
  inherited Create;
  FLog := Log;
  Config := TSidetoneEngineConfig.Defaults;
  Config.AudioKind := SIDETONE_AUDIO_DEVICES;
  FClient := TSidetoneClient.Create(Config);
  FClient.OnIncomingCall := IncomingCall;
  FClient.OnCall := CallState;
end;

destructor TCallDesk.Destroy;
begin
  FOnState := nil;
  try
    HangUp;
    // Until its end came, or nothing for two seconds.
    while Busy and (FClient.Pump(2000) > 0) do;
  except
    on ESidetone do; // the engine is at its end already
  end;
  FClient.Free;
  inherited Destroy;
end;

function TCallDesk.Busy: Boolean;
begin
  Result := FCall <> SIDETONE_ID_NONE;
end;

procedure TCallDesk.Connecting(Call: UInt64; const Direction, FarEnd, Name: UnicodeString);
begin
  FCall := Call;
  FConnectedNs := 0;
  FBegin := Now;
  FDirection := Direction;
  FFarEnd := FarEnd;
  FName := Name;
  FAsserted := '';
end;

procedure TCallDesk.Dial(const Uri: UnicodeString);
begin
  if not Busy then
    Connecting(FClient.CallDial(SIDETONE_ID_NONE, Uri), 'out', Uri, '');
end;

function TCallDesk.CanAnswer: Boolean;
begin
  Result := Busy and (FDirection = 'in') and (FConnectedNs = 0);
end;

procedure TCallDesk.Answer;
begin
  if CanAnswer then
    FClient.CallAnswer(FCall);
end;

procedure TCallDesk.HangUp;
begin
  if Busy then
    FClient.CallHangup(FCall);
end;

procedure TCallDesk.IncomingCall(Sender: TObject; const Event: TSidetoneEvent);
begin
  try
    if Busy then
    begin
      FClient.CallReject(Event.Call, 486, '');
      Exit;
    end;
    Connecting(Event.Call, 'in', Event.From, Event.DisplayName);
    FClient.CallRing(FCall);
    // What is asserted can be believed in a network that is trusted only.
    FAsserted := FClient.CallIdentityRead(FCall, SIDETONE_IDENTITY_ASSERTED, 0);
    if Assigned(FOnScreenPop) then
      FOnScreenPop(Self, FName, FFarEnd, FAsserted);
  except
    on ESidetone do; // the caller has given up; the end follows
  end;
end;

procedure TCallDesk.CallState(Sender: TObject; const Event: TSidetoneEvent);
begin
  if Event.Call <> FCall then
    Exit;
  if Event.State = SIDETONE_CALL_CONNECTED then
    FConnectedNs := Event.TimeNs;
  if Event.State = SIDETONE_CALL_ENDED then
  begin
    WriteLog(Event);
    FCall := SIDETONE_ID_NONE;
  end;
  if Assigned(FOnState) then
    FOnState(Self, Event.State, Event.Text);
end;

function Quoted(const Text: UnicodeString): UTF8String;
var
  Index: Integer;
  Doubled: UnicodeString;
begin
  Doubled := '';
  for Index := 1 to Length(Text) do
  begin
    Doubled := Doubled + Text[Index];
    if Text[Index] = '"' then
      Doubled := Doubled + '"';
  end;
  Result := UTF8Encode('"' + Doubled + '"');
end;

// UTC, as ISO 8601 writes it.
function Utc(Time: TDateTime): UnicodeString;
begin
  {$ifdef FPC}
  Time := LocalTimeToUniversal(Time);
  {$else}
  Time := TTimeZone.Local.ToUniversalTime(Time);
  {$endif}
  Result := UnicodeString(FormatDateTime('yyyy"-"mm"-"dd"T"hh":"nn":"ss"Z"', Time));
end;

procedure TCallDesk.WriteLog(const Event: TSidetoneEvent);
var
  Line: UTF8String;
  Stream: TFileStream;
  Ms, Code: UInt64;
begin
  Ms := 0;
  Code := Event.SipCode; // of the answer to the INVITE
  if FConnectedNs <> 0 then
  begin
    Ms := (Event.TimeNs - FConnectedNs) div 1000000;
    Code := 200;
  end;
  Line := Quoted(Utc(FBegin)) + ',' + Quoted(FDirection) + ',' + Quoted(FFarEnd) + ',' +
    Quoted(FName) + ',' + Quoted(FAsserted) + ',' + Quoted(UnicodeString(UIntToStr(Ms))) + ',' +
    Quoted(UnicodeString(UIntToStr(Code))) + ',' + Quoted(SidetoneStrError(Event.Status)) + #13#10;
  if FileExists(FLog) then
    Stream := TFileStream.Create(FLog, fmOpenReadWrite)
  else
  begin
    Stream := TFileStream.Create(FLog, fmCreate);
    Line := Heading + Line;
  end;
  try
    Stream.Seek(0, soEnd);
    Stream.WriteBuffer(Line[1], Length(Line));
  finally
    Stream.Free;
  end;
end;

end.
