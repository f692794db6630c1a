// One call in a console.
//
//   ConsoleCall LOG [sip:user@host]
//
// LOG: a CSV file that gets a line for the call. With an address it dials, without it answers.
program ConsoleCall;

{$ifdef FPC}{$mode delphi}{$endif}
{$APPTYPE CONSOLE}

uses
  {$ifdef UNIX}cthreads,{$endif}
  SysUtils, Sidetone, SidetoneValues, CallDesk;

type
  TShow = class
    Desk: TCallDesk;
    Over: Boolean;
    procedure ScreenPop(Sender: TObject; const Name, Uri, Asserted: UnicodeString);
    procedure State(Sender: TObject; State: UInt32; const Text: UnicodeString);
  end;

procedure Say(const Text: UnicodeString);
begin
  WriteLn(UTF8Encode(Text));
  Flush(Output);
end;

procedure TShow.ScreenPop(Sender: TObject; const Name, Uri, Asserted: UnicodeString);
begin
  Say('screen pop: ' + Name + ' <' + Uri + '> ' + Asserted);
  Desk.Answer;
end;

procedure TShow.State(Sender: TObject; State: UInt32; const Text: UnicodeString);
begin
  Say('call state ' + UnicodeString(IntToStr(Int64(State))) + ' ' + Text);
  Over := State = SIDETONE_CALL_ENDED;
end;

var
  Show: TShow;
begin
  if ParamCount < 1 then
  begin
    WriteLn(ErrOutput, 'usage: ConsoleCall LOG [sip:user@host]');
    Halt(1);
  end;
  Show := TShow.Create;
  try try
    Show.Desk := TCallDesk.Create(ParamStr(1));
    Show.Desk.OnScreenPop := Show.ScreenPop;
    Show.Desk.OnState := Show.State;
    if ParamCount > 1 then
      Show.Desk.Dial(UnicodeString(ParamStr(2)));
    Say('listening on ' + Show.Desk.Client.EngineAddressRead(SIDETONE_TRANSPORT_UDP));
    while not Show.Over do
      Show.Desk.Client.Pump(1000);
  except
    on Error: Exception do
    begin
      WriteLn(ErrOutput, Error.Message);
      ExitCode := 1;
    end;
  end;
  finally
    Show.Desk.Free;
    Show.Free;
  end;
end.
