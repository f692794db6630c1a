// Between Pascal's values and those of sidetone.h: errors, texts, octets, headers, ids.
unit SidetoneValues;

{$ifdef FPC}{$mode delphi}{$endif}

interface

uses
  SysUtils, Sidetone;

type
  // A function of the library failed.
  ESidetone = class(Exception)
  private
    FStatus: Int32;
  public
    constructor Create(AStatus: Int32; const AText: UnicodeString);
    // SIDETONE_ERR_*.
    property Status: Int32 read FStatus;
  end;

  TSidetoneNumbers = array of UInt32;
  TSidetoneIds = array of UInt64;

  // A header line of a message.
  TSipHeader = record
    Name: UnicodeString;
    Value: UnicodeString;
  end;
  TSipHeaders = array of TSipHeader;

  // One part of a multipart body.
  TSipBodyPart = record
    ContentType: UnicodeString;
    Body: TBytes;
  end;
  TSipBodyParts = array of TSipBodyPart;

  // Keeps what C structs borrow, as long as it lives itself.
  TSidetoneKept = record
  private
    FTexts: array of RawByteString;
    FOctets: array of TBytes;
    FLists: array of array of sidetone_header;
  public
    procedure Text(var Raw: sidetone_text; const Value: UnicodeString);
    procedure Octets(var Raw: sidetone_text; const Value: TBytes);
    procedure Headers(out Raw: sidetone_headers; const Value: TSipHeaders);
  end;

  // Where a function puts a text: it is called again with more room until the text fits.
  TSidetoneTextOut = record
  private
    FBuffer: RawByteString;
  public
    Data: PAnsiChar;
    Capacity: UInt32;
    Needed: UInt32;
    procedure Start;
    function Done(Status: Int32): Boolean;
    // The text; empty when there is none.
    function Value: UnicodeString;
  end;

  // The same for ids.
  TSidetoneIdsOut = record
  private
    FBuffer: TSidetoneIds;
  public
    Data: PUInt64;
    Capacity: UInt32;
    Count: UInt32;
    procedure Start;
    function Done(Status: Int32): Boolean;
    function Value: TSidetoneIds;
  end;

// Raises what the library says about a failure of this thread; gives a success back.
function SidetoneCheck(Status: Int32): Int32;

function SidetoneUtf8(const Value: UnicodeString): RawByteString;
function SidetoneText(const Raw: sidetone_text): UnicodeString; overload;
function SidetoneText(Data: PAnsiChar; Length: Int32): UnicodeString; overload;
function SidetoneOctets(const Raw: sidetone_text): TBytes;
function SidetoneHeaders(const Raw: sidetone_headers): TSipHeaders;
function SipHeader(const Name, Value: UnicodeString): TSipHeader;
// Sets a list of a C struct, which ends with 0.
procedure SidetoneList(var Raw: array of UInt32; const Values: TSidetoneNumbers);

// The version of the library, for people.
function SidetoneVersion: UnicodeString;
// The interface version of the library that is loaded, in the form of SIDETONE_API_VERSION_VALUE.
function SidetoneApiVersion: UInt32;
// Whether the library has a feature by name.
function SidetoneHasFeature(const Name: UnicodeString): Boolean;
// A short English text for a status.
function SidetoneStrError(Status: Int32): UnicodeString;
// The parts of a multipart body.
function SidetoneMultipartRead(const ContentType: UnicodeString; const Body: TBytes): TSipBodyParts;
// A multipart body with these parts, and its content type.
function SidetoneMultipartWrite(const Parts: TSipBodyParts; out ContentType: UnicodeString): TBytes;

implementation

constructor ESidetone.Create(AStatus: Int32; const AText: UnicodeString);
begin
  {$ifdef UNICODE}
  inherited Create(AText);
  {$else}
  inherited Create(UTF8Encode(AText));
  {$endif}
  FStatus := AStatus;
end;

function SidetoneCheck(Status: Int32): Int32;
var
  Buffer: array[0..1023] of AnsiChar;
  Text: UnicodeString;
begin
  if Status >= 0 then
    Exit(Status);
  Buffer[0] := #0;
  sidetone_last_error(@Buffer[0], SizeOf(Buffer), nil);
  Text := SidetoneText(@Buffer[0], -1);
  if Text = '' then
    Text := SidetoneStrError(Status);
  raise ESidetone.Create(Status, Text);
end;

function SidetoneUtf8(const Value: UnicodeString): RawByteString;
begin
  Result := UTF8Encode(Value);
end;

function SidetoneText(Data: PAnsiChar; Length: Int32): UnicodeString;
var
  Utf8: RawByteString;
begin
  Result := '';
  if Data = nil then
    Exit;
  if Length < 0 then
    Length := StrLen(Data);
  if Length = 0 then
    Exit;
  Utf8 := '';
  SetLength(Utf8, Length);
  Move(Data^, Pointer(Utf8)^, Length);
  Result := {$ifdef FPC}UTF8Decode(Utf8){$else}UTF8ToString(Utf8){$endif};
end;

function SidetoneText(const Raw: sidetone_text): UnicodeString;
begin
  Result := SidetoneText(Raw.data, Raw.length);
end;

function SidetoneOctets(const Raw: sidetone_text): TBytes;
begin
  Result := nil;
  if Raw.length <= 0 then
    Exit;
  SetLength(Result, Raw.length);
  Move(Raw.data^, Result[0], Raw.length);
end;

function SidetoneHeaders(const Raw: sidetone_headers): TSipHeaders;
var
  Index: Integer;
  Header: Psidetone_header;
begin
  Result := nil;
  SetLength(Result, Raw.count);
  Header := Raw.data;
  for Index := 0 to High(Result) do
  begin
    Result[Index] := SipHeader(SidetoneText(Header^.name), SidetoneText(Header^.value));
    Inc(Header);
  end;
end;

function SipHeader(const Name, Value: UnicodeString): TSipHeader;
begin
  Result.Name := Name;
  Result.Value := Value;
end;

procedure SidetoneList(var Raw: array of UInt32; const Values: TSidetoneNumbers);
var
  Index: Integer;
begin
  if Length(Values) > Length(Raw) then
    raise ESidetone.Create(SIDETONE_ERR_INVALID_ARGUMENT, 'a list is too long');
  for Index := 0 to High(Raw) do
    if Index <= High(Values) then
      Raw[Index] := Values[Index]
    else
      Raw[Index] := 0;
end;

procedure TSidetoneKept.Text(var Raw: sidetone_text; const Value: UnicodeString);
begin
  SetLength(FTexts, Length(FTexts) + 1);
  FTexts[High(FTexts)] := SidetoneUtf8(Value);
  Raw.data := PAnsiChar(FTexts[High(FTexts)]);
  Raw.length := Length(FTexts[High(FTexts)]);
  Raw.reserved := 0;
end;

procedure TSidetoneKept.Octets(var Raw: sidetone_text; const Value: TBytes);
begin
  SetLength(FOctets, Length(FOctets) + 1);
  FOctets[High(FOctets)] := Value;
  Raw.data := PAnsiChar(Pointer(Value));
  Raw.length := Length(Value);
  Raw.reserved := 0;
end;

procedure TSidetoneKept.Headers(out Raw: sidetone_headers; const Value: TSipHeaders);
var
  Index, List: Integer;
begin
  Raw.data := nil;
  Raw.count := Length(Value);
  Raw.reserved := 0;
  if Raw.count = 0 then
    Exit;
  List := Length(FLists);
  SetLength(FLists, List + 1);
  SetLength(FLists[List], Raw.count);
  for Index := 0 to High(Value) do
  begin
    Text(FLists[List][Index].name, Value[Index].Name);
    Text(FLists[List][Index].value, Value[Index].Value);
  end;
  Raw.data := @FLists[List][0];
end;

procedure TSidetoneTextOut.Start;
begin
  Needed := 256;
  Done(SIDETONE_ERR_TOO_SMALL);
end;

function TSidetoneTextOut.Done(Status: Int32): Boolean;
begin
  Result := Status <> SIDETONE_ERR_TOO_SMALL;
  if Result then
  begin
    SidetoneCheck(Status);
    Exit;
  end;
  Capacity := Needed;
  SetLength(FBuffer, Capacity);
  Data := PAnsiChar(FBuffer);
end;

function TSidetoneTextOut.Value: UnicodeString;
begin
  Result := '';
  if Needed > 1 then
    Result := SidetoneText(Data, Needed - 1);
end;

procedure TSidetoneIdsOut.Start;
begin
  Count := 16;
  Done(SIDETONE_ERR_TOO_SMALL);
end;

function TSidetoneIdsOut.Done(Status: Int32): Boolean;
begin
  Result := Status <> SIDETONE_ERR_TOO_SMALL;
  if Result then
  begin
    SidetoneCheck(Status);
    Exit;
  end;
  Capacity := Count;
  SetLength(FBuffer, Capacity);
  Data := @FBuffer[0];
end;

function TSidetoneIdsOut.Value: TSidetoneIds;
begin
  Result := Copy(FBuffer, 0, Count);
end;

function SidetoneVersion: UnicodeString;
begin
  Result := SidetoneText(sidetone_version, -1);
end;

function SidetoneApiVersion: UInt32;
begin
  Result := sidetone_api_version;
end;

function SidetoneHasFeature(const Name: UnicodeString): Boolean;
var
  Utf8: RawByteString;
begin
  Utf8 := SidetoneUtf8(Name);
  Result := SidetoneCheck(sidetone_has_feature(PAnsiChar(Utf8), Length(Utf8))) = 1;
end;

function SidetoneStrError(Status: Int32): UnicodeString;
begin
  Result := SidetoneText(sidetone_strerror(Status), -1);
end;

function SidetoneMultipartRead(const ContentType: UnicodeString; const Body: TBytes): TSipBodyParts;
var
  Kind: RawByteString;
  Count, Offset, Bytes: UInt32;
  Index: Integer;
  Found: TSidetoneTextOut;
begin
  Result := nil;
  Kind := SidetoneUtf8(ContentType);
  Count := 0;
  SidetoneCheck(sidetone_multipart_count(PAnsiChar(Kind), Length(Kind), Pointer(Body), Length(Body),
    @Count));
  SetLength(Result, Count);
  Offset := 0;
  Bytes := 0;
  for Index := 0 to High(Result) do
  begin
    Found.Start;
    repeat
    until Found.Done(sidetone_multipart_read(PAnsiChar(Kind), Length(Kind), Pointer(Body),
      Length(Body), Index, @Offset, @Bytes, 'Content-Type', -1, Found.Data, Found.Capacity,
      @Found.Needed));
    Result[Index].ContentType := Found.Value;
    Result[Index].Body := Copy(Body, Offset, Bytes);
  end;
end;

function SidetoneMultipartWrite(const Parts: TSipBodyParts; out ContentType: UnicodeString): TBytes;
var
  Raw: array of sidetone_body_part;
  Kept: TSidetoneKept;
  Kind: array[0..255] of AnsiChar;
  Index: Integer;
  Needed: UInt32;
begin
  Raw := nil;
  Result := nil;
  SetLength(Raw, Length(Parts));
  for Index := 0 to High(Parts) do
  begin
    Kept.Text(Raw[Index].content_type, Parts[Index].ContentType);
    Kept.Octets(Raw[Index].body, Parts[Index].Body);
  end;
  Needed := 0;
  SidetoneCheck(sidetone_multipart_write(Pointer(Raw), Length(Raw), @Kind[0], SizeOf(Kind), nil, 0,
    @Needed));
  SetLength(Result, Needed);
  SidetoneCheck(sidetone_multipart_write(Pointer(Raw), Length(Raw), @Kind[0], SizeOf(Kind),
    Pointer(Result), Needed, @Needed));
  ContentType := SidetoneText(@Kind[0], -1);
end;

end.
