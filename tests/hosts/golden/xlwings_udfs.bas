Function COMPUTE_TIME(batch, active_params, flops, Optional flops_per_param)
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        COMPUTE_TIME = TokensheetCells(XLPy.CallUDF("tokensheet_addin.hosts.xlwings_functions", "COMPUTE_TIME", Array(batch, active_params, flops, flops_per_param), ActiveWorkbook, Application.Caller))
        Exit Function
    #Else
        COMPUTE_TIME = TokensheetCells(XLPy.CallUDF("tokensheet_addin.hosts.xlwings_functions", "COMPUTE_TIME", Array(batch, active_params, flops, flops_per_param)))
        Exit Function
    #End If
failed:
    COMPUTE_TIME = Err.Description
End Function

Function WHY(name, ParamArray arguments())
    Dim argsArray() As Variant
    argsArray = Array(name)
    ReDim Preserve argsArray(0 to UBound(arguments) - LBound(arguments) + 1)
    For k = LBound(arguments) To UBound(arguments)
    argsArray(1 + k - LBound(arguments)) = arguments(k)
    Next k
    #If App = "Microsoft Excel" Then
        If TypeOf Application.Caller Is Range Then On Error GoTo failed
        WHY = TokensheetCells(XLPy.CallUDF("tokensheet_addin.hosts.xlwings_functions", "WHY", argsArray, ActiveWorkbook, Application.Caller))
        Exit Function
    #Else
        WHY = TokensheetCells(XLPy.CallUDF("tokensheet_addin.hosts.xlwings_functions", "WHY", argsArray))
        Exit Function
    #End If
failed:
    WHY = Err.Description
End Function

