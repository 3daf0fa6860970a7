Attribute VB_Name = "tokensheet_ribbon"
Option Explicit

Sub TokensheetInsert(control As IRibbonControl)
    Application.Dialogs(xlDialogFunctionWizard).Show
End Sub

Sub TokensheetUpdate(control As IRibbonControl)
    KillPy
    ImportPythonUDFsToAddin
End Sub

Sub TokensheetRestart(control As IRibbonControl)
    KillPy
    Application.CalculateFull
End Sub
