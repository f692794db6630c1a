program ClickToDial;

uses
  Vcl.Forms,
  Sidetone in '..\Sidetone.pas',
  SidetoneValues in '..\SidetoneValues.pas',
  SidetoneMethods in '..\SidetoneMethods.pas',
  SidetoneClient in '..\SidetoneClient.pas',
  CallDesk in 'CallDesk.pas',
  MainForm in 'MainForm.pas' {Main};

begin
  Application.Initialize;
  Application.MainFormOnTaskbar := True;
  Application.CreateForm(TMain, Main);
  Application.Run;
end.
