{{- define "straymail.name" -}}
{{- .Values.fullnameOverride | default (contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name)) | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "straymail.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "straymail.labels" -}}
{{ include "straymail.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "straymail.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "straymail.name" .) "default") }}
{{- end }}

{{- define "straymail.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "straymail.watchlistConfigMap" -}}
{{- .Values.existingWatchlist | default (printf "%s-watchlist" (include "straymail.name" .)) }}
{{- end }}

{{- define "straymail.maxReplicas" -}}
{{- .Values.autoscaling.maxReplicas | default .Values.topics.eventsPartitions | int }}
{{- end }}

{{- /* Ports of Kafka that the network policy allows, with spaces between them. */ -}}
{{- define "straymail.kafkaPorts" -}}
{{- $ports := list }}
{{- range .Values.brokers }}{{ $ports = append $ports (last (splitList ":" .) | int) }}{{ end }}
{{- range .Values.networkPolicy.kafkaPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- uniq $ports | join " " }}
{{- end }}

{{- /* The settings as straymail's own file: what has a value of its own in the chart goes over `config`. */ -}}
{{- define "straymail.config" -}}
{{- $t := .Values.topics }}
{{- $own := dict "brokers" .Values.brokers "topics" (dict "create" false "events_partitions" (int $t.eventsPartitions) "hits_partitions" (int $t.hitsPartitions) "replication_factor" (int $t.replicationFactor)) }}
{{- if .Values.ownDomains }}{{ $_ := set $own "own_domains" .Values.ownDomains }}{{ end }}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml }}
{{- end }}

{{- /* The ports of the gate's listeners by protocol, those that are on. */ -}}
{{- define "straymail.gatePorts" -}}
{{- range $protocol, $port := .Values.gate.ports }}
{{- if $port }}
{{ $protocol }}: {{ int $port }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The settings of a gate: those of the workers, with its own. */ -}}
{{- define "straymail.gateConfig" -}}
{{- $own := dict "store" "kafka" "host" "0.0.0.0" "port" 6067 "firewalled" .Values.networkPolicy.enabled }}
{{- range $protocol, $port := include "straymail.gatePorts" . | fromYaml }}
{{- $_ := set $own $protocol (printf "0.0.0.0:%d" (int $port)) }}
{{- end }}
{{- if .Values.gate.ports.http }}{{ $_ := set $own "token_file" "/etc/straymail/secrets/gate-token" }}{{ end }}
{{- $config := include "straymail.config" . | fromYaml }}
{{- mergeOverwrite $config (dict "gate" (mergeOverwrite (deepCopy .Values.gate.config) $own)) | toYaml }}
{{- end }}

{{- /* Environment of every container that runs straymail. Argument: the root with `security` set for that container. */ -}}
{{- define "straymail.env" -}}
- {name: STRAYMAIL_CONFIG, value: /etc/straymail/config/straymail.yaml}
- {name: STRAYMAIL_WATCHLIST, value: /etc/straymail/watchlist/watchlist.yaml}
- {name: STRAYMAIL_WEB_HOST, value: 0.0.0.0}
- {name: STRAYMAIL_WEB_PORT, value: "6066"}
{{- with .security }}
- {name: STRAYMAIL_SECURITY_PROTOCOL, value: {{ .protocol }}}
{{- if hasPrefix "SASL_" .protocol }}
- {name: STRAYMAIL_SECURITY_MECHANISM, value: {{ .mechanism }}}
- {name: STRAYMAIL_SECURITY_USERNAME, value: {{ .username | quote }}}
- {name: STRAYMAIL_SECURITY_PASSWORD_FILE, value: /etc/straymail/secrets/password}
{{- if eq .mechanism "OAUTHBEARER" }}
- {name: STRAYMAIL_SECURITY_TOKEN_URL, value: {{ .tokenUrl | quote }}}
{{- with .tokenScope }}
- {name: STRAYMAIL_SECURITY_TOKEN_SCOPE, value: {{ . | quote }}}
{{- end }}
{{- if .tokenCaSecret }}
- {name: STRAYMAIL_SECURITY_TOKEN_CA_FILE, value: /etc/straymail/secrets/token-ca.crt}
{{- end }}
{{- end }}
{{- else if and (eq .protocol "SSL") .existingSecret }}
- {name: STRAYMAIL_SECURITY_CERT_FILE, value: /etc/straymail/secrets/tls.crt}
- {name: STRAYMAIL_SECURITY_KEY_FILE, value: /etc/straymail/secrets/tls.key}
{{- end }}
{{- if .caSecret }}
- {name: STRAYMAIL_SECURITY_CA_FILE, value: /etc/straymail/secrets/ca.crt}
{{- end }}
{{- end }}
{{- if .Values.privacy.existingSecret }}
- {name: STRAYMAIL_PRIVACY_KEY_FILE, value: /etc/straymail/secrets/privacy-key}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "straymail.mounts" -}}
- {name: config, mountPath: /etc/straymail/config, readOnly: true}
- {name: watchlist, mountPath: /etc/straymail/watchlist, readOnly: true}
{{- if include "straymail.secretSources" . }}
- {name: secrets, mountPath: /etc/straymail/secrets, readOnly: true}
{{- end }}
- {name: tmp, mountPath: /tmp}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Argument: the root with `security`, and for a gate with `configMap` and `gateToken`.
No subPath anywhere: the kubelet replaces the files of a whole volume, and the watchlist is reloaded. */ -}}
{{- define "straymail.volumes" -}}
- name: config
  configMap: {name: {{ .configMap | default (include "straymail.name" .) }}}
- name: watchlist
  configMap: {name: {{ include "straymail.watchlistConfigMap" . }}}
{{- with include "straymail.secretSources" . }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- . | trim | nindent 6 }}
{{- end }}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "straymail.secretSources" -}}
{{- with .security }}
{{- if hasPrefix "SASL_" .protocol }}
- secret: {name: {{ .existingSecret }}, items: [{key: {{ .passwordKey }}, path: password}]}
{{- if and (eq .mechanism "OAUTHBEARER") .tokenCaSecret }}
- secret: {name: {{ .tokenCaSecret }}, items: [{key: {{ .tokenCaKey }}, path: token-ca.crt}]}
{{- end }}
{{- else if and (eq .protocol "SSL") .existingSecret }}
- secret: {name: {{ .existingSecret }}, items: [{key: {{ .certKey }}, path: tls.crt}, {key: {{ .privateKeyKey }}, path: tls.key}]}
{{- end }}
{{- if .caSecret }}
- secret: {name: {{ .caSecret }}, items: [{key: {{ .caKey }}, path: ca.crt}]}
{{- end }}
{{- end }}
{{- with .Values.privacy }}
{{- if .existingSecret }}
- secret: {name: {{ .existingSecret }}, items: [{key: {{ .key }}, path: privacy-key}]}
{{- end }}
{{- end }}
{{- if .gateToken }}
- secret: {name: {{ .gateToken }}, items: [{key: {{ .Values.gate.tokenKey }}, path: gate-token}]}
{{- end }}
{{- end }}

{{- define "straymail.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* What pods of all kinds have in common. Service links would set STRAYMAIL_* variables, which are no settings. */ -}}
{{- define "straymail.pod" -}}
serviceAccountName: {{ include "straymail.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Checks that a JSON schema can't express. */ -}}
{{- define "straymail.refuse" -}}
{{- $partitions := int .Values.topics.eventsPartitions }}
{{- if and (not .Values.watchlist) (not .Values.existingWatchlist) }}
{{- fail "watchlist: name the domains to watch (watchlist.watched), or a ConfigMap of your own (existingWatchlist)" }}
{{- end }}
{{- if and .Values.watchlist .Values.existingWatchlist }}
{{- fail "watchlist and existingWatchlist are both set: keep one of them" }}
{{- end }}
{{- with .Values.gate }}
{{- if and .enabled (not (or .ports.policy .ports.milter .ports.http)) }}
{{- fail "gate.ports: give the gate a port to listen on (policy, milter or http)" }}
{{- end }}
{{- if and .enabled (or .ports.policy .ports.milter) (not .ingressFrom) }}
{{- fail "gate.ingressFrom: name your mail systems (NetworkPolicy peers), since whoever reaches policy or milter may claim any login" }}
{{- end }}
{{- if and .enabled .ports.http (not .existingSecret) }}
{{- fail "gate.existingSecret: name the Secret with the token of HTTP requests, or leave gate.ports.http at 0" }}
{{- end }}
{{- end }}
{{- if eq .Values.autoscaling.mode "none" }}
{{- if gt (int .Values.replicas) $partitions }}
{{- fail (printf "replicas is %d, but mail.events has %d partitions (topics.eventsPartitions): more workers would be idle" (int .Values.replicas) $partitions) }}
{{- end }}
{{- else }}
{{- $max := include "straymail.maxReplicas" . | int }}
{{- if gt $max $partitions }}
{{- fail (printf "autoscaling.maxReplicas is %d, but mail.events has %d partitions (topics.eventsPartitions): more workers would be idle" $max $partitions) }}
{{- end }}
{{- if gt (int .Values.autoscaling.minReplicas) $max }}
{{- fail (printf "autoscaling.minReplicas is %d, more than autoscaling.maxReplicas or topics.eventsPartitions allow (%d)" (int .Values.autoscaling.minReplicas) $max) }}
{{- end }}
{{- end }}
{{- end }}
