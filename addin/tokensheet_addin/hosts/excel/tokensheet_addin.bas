Attribute VB_Name = "tokensheet_addin"
Option Explicit

'What Python answers, as cells show it: errors come as their texts, since pywin32 cannot pass on an error value
Function TokensheetCells(result)
    Dim i As Long, j As Long, last As Long
    If Not IsArray(result) Then
        TokensheetCells = TokensheetCell(result)
        Exit Function
    End If
    last = -1 'a single row has one dimension
    On Error Resume Next
    last = UBound(result, 2)
    On Error GoTo 0
    For i = LBound(result) To UBound(result)
        If last < 0 Then
            If VarType(result(i)) = vbString Then result(i) = TokensheetCell(result(i))
        Else
            For j = LBound(result, 2) To last
                If VarType(result(i, j)) = vbString Then result(i, j) = TokensheetCell(result(i, j))
            Next j
        End If
    Next i
    TokensheetCells = result
End Function

Private Function TokensheetCell(cell)
    TokensheetCell = cell
    If VarType(cell) <> vbString Then Exit Function
    Select Case cell
{errors}
    End Select
End Function

Sub TokensheetInsert(control As IRibbonControl)
    Application.Dialogs(xlDialogFunctionWizard).Show
End Sub

Sub TokensheetUpdate(control As IRibbonControl)
    Dim number As Long, text As String
    KillPy
    ImportPythonUDFsToAddin
    With ThisWorkbook.VBProject.VBComponents("xlwings_udfs").CodeModule
        For number = 1 To .CountOfLines
            text = .Lines(number, 1)
            If InStr(text, " = XLPy.CallUDF(") > 0 Then
                .ReplaceLine number, Replace(text, " = XLPy.CallUDF(", " = TokensheetCells(XLPy.CallUDF(") & ")"
            End If
        Next number
    End With
End Sub

Sub TokensheetRestart(control As IRibbonControl)
    KillPy
    Application.CalculateFull
End Sub
