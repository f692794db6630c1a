// A form that dials. The events come by its message loop: no thread, no timer, no lock.
unit MainForm;

interface

uses
  System.SysUtils, System.Classes, Vcl.Controls, Vcl.Forms, Vcl.StdCtrls, Sidetone, CallDesk;

type
  TMain = class(TForm)
    Address: TEdit;
    DialButton: TButton;
    AnswerButton: TButton;
    HangUpButton: TButton;
    Caller: TLabel;
    State: TLabel;
    procedure FormCreate(Sender: TObject);
    procedure FormDestroy(Sender: TObject);
    procedure DialButtonClick(Sender: TObject);
    procedure AnswerButtonClick(Sender: TObject);
    procedure HangUpButtonClick(Sender: TObject);
  private
    FDesk: TCallDesk;
    procedure ScreenPop(Sender: TObject; const Name, Uri, Asserted: UnicodeString);
    procedure CallState(Sender: TObject; CallState: UInt32; const Text: UnicodeString);
  end;

var
  Main: TMain;

implementation

{$R *.dfm}

procedure TMain.FormCreate(Sender: TObject);
begin
  FDesk := TCallDesk.Create(ChangeFileExt(Application.ExeName, '.csv'));
  FDesk.OnScreenPop := ScreenPop;
  FDesk.OnState := CallState;
end;

procedure TMain.FormDestroy(Sender: TObject);
begin
  FDesk.Free; // hangs up
end;

procedure TMain.DialButtonClick(Sender: TObject);
begin
  FDesk.Dial(Address.Text);
end;

procedure TMain.AnswerButtonClick(Sender: TObject);
begin
  FDesk.Answer;
end;

procedure TMain.HangUpButtonClick(Sender: TObject);
begin
  FDesk.HangUp;
end;

procedure TMain.ScreenPop(Sender: TObject; const Name, Uri, Asserted: UnicodeString);
begin
  Caller.Caption := Name + ' <' + Uri + '> ' + Asserted;
  BringToFront;
end;

procedure TMain.CallState(Sender: TObject; CallState: UInt32; const Text: UnicodeString);
begin
  State.Caption := IntToStr(CallState) + ' ' + Text;
  AnswerButton.Enabled := FDesk.CanAnswer and (CallState in
    [SIDETONE_CALL_INCOMING, SIDETONE_CALL_RINGING]);
  HangUpButton.Enabled := FDesk.Busy;
  DialButton.Enabled := not FDesk.Busy;
end;

end.
