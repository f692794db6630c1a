object Main: TMain
  Caption = 'Click to dial'
  ClientHeight = 112
  ClientWidth = 424
  Position = poScreenCenter
  OnCreate = FormCreate
  OnDestroy = FormDestroy
  TextHeight = 15
  object Caller: TLabel
    Left = 8
    Top = 64
    Width = 408
    Height = 15
    AutoSize = False
  end
  object State: TLabel
    Left = 8
    Top = 88
    Width = 408
    Height = 15
    AutoSize = False
  end
  object Address: TEdit
    Left = 8
    Top = 8
    Width = 408
    Height = 23
    Text = 'sip:'
  end
  object DialButton: TButton
    Left = 8
    Top = 36
    Width = 96
    Height = 24
    Caption = 'Dial'
    OnClick = DialButtonClick
  end
  object AnswerButton: TButton
    Left = 112
    Top = 36
    Width = 96
    Height = 24
    Caption = 'Answer'
    Enabled = False
    OnClick = AnswerButtonClick
  end
  object HangUpButton: TButton
    Left = 216
    Top = 36
    Width = 96
    Height = 24
    Caption = 'Hang up'
    Enabled = False
    OnClick = HangUpButtonClick
  end
end
