{{/* The labels of every object. */}}
{{- define "labels" -}}
app: traffic-monitor
{{- end }}

{{/* The settings below `monitor` of the configuration. */}}
{{- define "monitor" -}}
{{- toJson (get .Values.config "monitor" | default dict) }}
{{- end }}

{{/* The port of health and metrics. */}}
{{- define "port" -}}
{{- int (get (include "monitor" . | fromJson) "port" | default 9808) }}
{{- end }}

{{/* The memory limit: the budget and 96 MiB. */}}
{{- define "memory" -}}
{{- $budget := get (include "monitor" . | fromJson) "memoryMiB" | default 160 }}
{{- .Values.resources.limits.memory | default (printf "%dMi" (add (int $budget) 96)) }}
{{- end }}

{{/* "true" if something asks for /metrics. */}}
{{- define "scraped" -}}
{{- if or .Values.metrics.annotations .Values.metrics.podMonitor .Values.metrics.alerts }}true{{ end }}
{{- end }}

{{/* What service_config.json holds: the values' own, and metrics where they are scraped. */}}
{{- define "config" -}}
{{- $config := deepCopy .Values.config }}
{{- $monitor := get $config "monitor" | default dict }}
{{- if include "scraped" . }}
{{- if eq (toString (get $monitor "metrics")) "false" }}
{{- fail "metrics are scraped, and config.monitor.metrics is false: remove one of the two" }}
{{- end }}
{{- $_ := set $config "monitor" (set $monitor "metrics" true) }}
{{- end }}
{{- toPrettyJson $config }}
{{- end }}

{{/* An object of files/, for the Prometheus operator, in this release: a file's name and the root. */}}
{{- define "monitoring" -}}
{{- $object := .root.Files.Get .file | fromYaml }}
{{- $_ := set $object.metadata "namespace" .root.Release.Namespace }}
{{- $_ := set $object.metadata "labels" (merge $object.metadata.labels .root.Values.metrics.labels) }}
{{- toYaml $object }}
{{- end }}
