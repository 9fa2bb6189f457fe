<?php
// Reads files from standard input, each after its length in four bytes, and answers each with a line:
// empty if parse_ini_string takes it in one of its modes, else why not.
while (strlen($header = (string) fread(STDIN, 4)) === 4) {
    $length = unpack('N', $header)[1];
    $file = $length === 0 ? '' : stream_get_contents(STDIN, $length);
    $isRead = @parse_ini_string($file, true, INI_SCANNER_NORMAL) !== false
        || @parse_ini_string($file, true, INI_SCANNER_RAW) !== false;
    $reason = error_get_last()['message'] ?? 'refused';
    echo $isRead ? '' : preg_replace('/\s+/', ' ', $reason), "\n";
    error_clear_last();
}
