# Parts that stand on every screen: buttons, dialogs, copying, lists without rows.
close = Cerrar
try-again = Intentar de nuevo
not-now = Ahora no
copy = Copiar
copied = Copiado
copy-what = Copiar { $what }
copied-what = Copiado: { $what }
copy-failed = No se pudo copiar: { $what }
toasts-name = Lo que acaba de pasar
undo = Deshacer
dismiss = Descartar
menu-chosen = (elegido)
today = hoy
stop = Detener
sync-now = Sincronizar ahora
key-then = { $first } y luego { $second }

# A raw answer as a tree.
raw-name = Respuesta sin procesar
raw-what = la respuesta sin procesar
raw-search = Buscar claves y valores
raw-search-name = Buscar en la respuesta sin procesar
raw-matches = { $n ->
        [one] { $n } resultado
       *[other] { $n } resultados
    }
raw-fold-all = Plegar todo
raw-unfold-all = Desplegar todo
raw-fold = Plegar { $key }
raw-unfold = Desplegar { $key }
raw-everything = todo
raw-copy-value = Copiar este valor
raw-none = Nada coincide en esta respuesta.
raw-too-long = Las primeras { $shown } de { $all } líneas. Busca para ver el resto.
