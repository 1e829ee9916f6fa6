# Writes configmap.yaml: the key, and which Service belongs to which application. What asks and writes is the program's own
# `setup` (.\setup-config.ps1 --help): the program itself where it is there, else that in the image.
#
# NOT RUN BY US: there was no PowerShell to try this script with. setup-config.sh does the same, and was.
$ErrorActionPreference = 'Stop'
foreach ($name in 'traffic-monitor', "$PSScriptRoot/target/release/traffic-monitor", "$PSScriptRoot/target/debug/traffic-monitor") {
    $found = Get-Command $name -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($found) { break }
}
if ($found) {
    $program, $arguments = $found.Source, (@('setup') + $args)
} else {
    $engine = Get-Command docker, podman -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $engine) { throw 'setup-config: there is no docker or podman. Install docker and build the image first.' }
    $options = @('run', '--rm', '--interactive', '--network', 'host', '--volume', "${PWD}:/work", '--workdir', '/work')
    $options += '--env', 'HTTPS_PROXY', '--env', 'NO_PROXY', '--env', 'APISEC_API_KEY'
    $kubeconfig = if ($env:KUBECONFIG) { $env:KUBECONFIG } else { "$HOME/.kube/config" }
    if (Test-Path -PathType Leaf $kubeconfig) {
        $options += '--volume', "${kubeconfig}:/kubeconfig:ro", '--env', 'KUBECONFIG=/kubeconfig'
    }
    if (-not $MyInvocation.ExpectingInput -and -not [Console]::IsInputRedirected) { $options += '--tty' }
    $program, $arguments = $engine.Source, ($options + 'traffic-monitor:latest' + 'setup' + $args)
}
if ($MyInvocation.ExpectingInput) { $input | & $program @arguments } else { & $program @arguments }
exit $LASTEXITCODE
