{{/*
Templates that add lastgood to the pods of your own chart. deploy/README.md shows how to use them. Each takes a
dict; the keys are the same for all:

  mode       publish (default), signal, sdk or drop-in
  volume     name of the volume of the app (default config)
  source     the source of that volume, such as (dict "configMap" (dict "name" "web"))
  image      image of lastgood
  settings   name of the ConfigMap with lastgood.yaml (default lastgood-settings)
  webhook    of drop-in: the URL to request after each change
  resources  in place of the requests and limits
  runAsUser  of signal: the user of the app, if its container sets it
*/}}

{{/* The container, an item of `initContainers`; put it before the others. */}}
{{- define "lastgood.container" -}}
{{- $mode := .mode | default "publish" -}}
{{- $volume := .volume | default "config" -}}
{{- $published := has $mode (list "publish" "signal") -}}
- name: lastgood
  image: {{ .image | default "lastgood:0.1.0" }}
  restartPolicy: Always
  args:
    {{- if eq $mode "drop-in" }}
    - --volume-dir=/lastgood/source/{{ $volume }}
    - --webhook-url={{ required "lastgood: drop-in needs webhook" .webhook }}
    {{- else }}
    - --config
    - /etc/lastgood/lastgood.yaml
    {{- end }}
  ports:
    - name: lastgood
      containerPort: 9533
      protocol: TCP
  startupProbe:
    exec: { command: [lastgood-ready] }
    initialDelaySeconds: 1
    periodSeconds: 1
    timeoutSeconds: 5
    failureThreshold: 300
  livenessProbe:
    httpGet: { path: /healthz, port: lastgood }
  terminationMessagePolicy: FallbackToLogsOnError
  resources:
    {{- if .resources }}
    {{- toYaml .resources | nindent 4 }}
    {{- else }}
    requests: { cpu: 50m, memory: 32Mi }
    limits: { cpu: 100m, memory: 64Mi }
    {{- end }}
  securityContext:
    allowPrivilegeEscalation: false
    capabilities: { drop: [ALL] }
    readOnlyRootFilesystem: true
    runAsNonRoot: true
    {{- with .runAsUser }}
    runAsUser: {{ . }}
    {{- end }}
    seccompProfile: { type: RuntimeDefault }
  volumeMounts:
    {{- if ne $mode "drop-in" }}
    - { name: lastgood-settings, mountPath: /etc/lastgood, readOnly: true }
    {{- end }}
    - name: {{ $volume }}{{ if $published }}-source{{ end }}
      mountPath: /lastgood/source/{{ $volume }}
      readOnly: true
    {{- if $published }}
    - { name: {{ $volume }}, mountPath: /lastgood/live/{{ $volume }} }
    {{- end }}
    {{- if eq $mode "sdk" }}
    - { name: lastgood-run, mountPath: /lastgood/run }
    {{- end }}
    {{- if ne $mode "drop-in" }}
    - { name: lastgood-state, mountPath: /lastgood/state }
    {{- end }}
{{- end }}

{{/* The volumes, with that of the app, which keeps its name in the app's container. */}}
{{- define "lastgood.volumes" -}}
{{- $mode := .mode | default "publish" -}}
{{- $volume := .volume | default "config" -}}
{{- $published := has $mode (list "publish" "signal") -}}
{{- /* Copies of a Secret stay off the disk of the node. */ -}}
{{- $secret := regexMatch `"(secret|serviceAccountToken|podCertificate)":` (toJson .source) -}}
{{- $copies := dict "sizeLimit" "16Mi" -}}
{{- if $secret }}{{ $_ := set $copies "medium" "Memory" }}{{ end -}}
{{- if $published -}}
- name: {{ $volume }}
  emptyDir: {{ toJson $copies }}
{{ end -}}
{{- if ne $mode "drop-in" -}}
- name: lastgood-settings
  configMap:
    name: {{ .settings | default "lastgood-settings" }}
{{- if eq $mode "sdk" }}
- name: lastgood-run
  emptyDir: { sizeLimit: 1Mi }
{{- end }}
- name: lastgood-state
  emptyDir: {{ toJson $copies }}
{{ end -}}
- name: {{ $volume }}{{ if $published }}-source{{ end }}
  {{- required "lastgood: volumes needs source" .source | toYaml | nindent 2 }}
{{- end }}

{{/* Labels of the pods, for the PodMonitor and the NetworkPolicy. */}}
{{- define "lastgood.labels" -}}
lastgood.dev/sidecar: "true"
{{- end }}

{{/* Of sdk: items of `env` of the app's container. */}}
{{- define "lastgood.env" -}}
- name: LASTGOOD_SOCKET
  value: /lastgood/run/sdk.sock
{{- end }}

{{/* Of sdk: items of `volumeMounts` of the app's container. */}}
{{- define "lastgood.volumeMounts" -}}
- name: lastgood-run
  mountPath: /lastgood/run
{{- end }}

{{/* Of signal: keys of the pod's `spec`. */}}
{{- define "lastgood.spec" -}}
shareProcessNamespace: true
{{- end }}

{{/* For the Prometheus operator, once for a namespace. */}}
{{- define "lastgood.podMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: lastgood
spec:
  selector:
    matchLabels:
      {{- include "lastgood.labels" . | nindent 6 }}
  podMetricsEndpoints:
    - port: lastgood
      path: /metrics
      # Labels that the alerts and the dashboard need: docs/monitoring.md.
      relabelings:
        # The name of the Deployment, Argo Rollout, StatefulSet, DaemonSet or Job; of a pod alone, its own.
        - sourceLabels: [__meta_kubernetes_pod_name]
          targetLabel: workload
        - sourceLabels: [__meta_kubernetes_pod_controller_name]
          regex: (.+)
          targetLabel: workload
        - sourceLabels:
            - __meta_kubernetes_pod_controller_kind
            - __meta_kubernetes_pod_label_pod_template_hash
            - __meta_kubernetes_pod_label_rollouts_pod_template_hash
            - __meta_kubernetes_pod_controller_name
          regex: ReplicaSet;(?:[^;]+;|;[^;]+);(.+)-[^-]+
          targetLabel: workload
        # Pods of one revision come from the same template.
        - sourceLabels:
            - __meta_kubernetes_pod_label_pod_template_hash
            - __meta_kubernetes_pod_label_rollouts_pod_template_hash
            - __meta_kubernetes_pod_label_controller_revision_hash
          separator: ""
          targetLabel: revision
{{- end }}

{{/* For a namespace whose pods are isolated already: lets Prometheus reach the port of lastgood. */}}
{{- define "lastgood.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: lastgood
spec:
  podSelector:
    matchLabels:
      {{- include "lastgood.labels" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .namespace | default "monitoring" }}
      ports:
        - { protocol: TCP, port: 9533 }
{{- end }}
