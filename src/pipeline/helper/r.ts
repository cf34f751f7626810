/** `refit_helper.R`, printed by `refit helper`. Base R only. */
export const R_HELPER = String.raw`# refit_helper.R: what a script and refit tell each other. Copy it into your project; it needs no packages.
# Outside refit everything still works: params come from your defaults, metrics are printed.
# Printed by: refit helper --print r > refit_helper.R

# The params that the step declares, laid over a list of defaults.
refit_params <- function(defaults = list()) {
  path <- Sys.getenv("REFIT_PARAMS")
  if (path == "") return(defaults)
  utils::modifyList(defaults, .refit_parse(paste(readLines(path, warn = FALSE, encoding = "UTF-8"), collapse = "\n")))
}

# One param of the step. List its name under "params" of the step, so that a change runs it again.
refit_param <- function(name, default = NULL) {
  found <- refit_params()
  if (is.null(found[[name]])) default else found[[name]]
}

# Records a metric of the run; with a step (an epoch) as a point of a curve. Outside refit it is printed.
refit_log_metric <- function(name, value, step = NULL) {
  line <- stats::setNames(list(as.numeric(value)), name)
  if (!is.null(step)) line <- c(list(step = as.integer(step)), line)
  path <- Sys.getenv("REFIT_METRICS")
  if (path == "") cat(.refit_json(line), "\n", sep = "") else .refit_append(path, line)
}

# Appends one line to a log of predictions (JSON lines), as "monitor.predictions" reads it. Further columns may follow.
# Each line is written at once in append mode, so several processes of one machine may share a file.
refit_log_prediction <- function(path, prediction, id, version = NULL, at = Sys.time(), ...) {
  if (inherits(at, "POSIXt")) at <- format(at, "%Y-%m-%dT%H:%M:%OS3Z", tz = "UTC")
  line <- list(at = as.character(at), id = id, prediction = prediction)
  if (!is.null(version)) line$version <- as.integer(version)
  columns <- list(...)
  clash <- intersect(names(line), names(columns))
  if (length(clash) > 0) stop("columns that the log has already: ", paste(clash, collapse = ", "))
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  .refit_append(path, c(line, columns))
}

# Writes what the gate judges. predictions: a data frame with label and prediction, and perhaps id and slices.
# slices: list(region = list(north = list(auc = 0.7, n = 900))).
refit_write_evaluation <- function(path, metrics, slices = NULL, predictions = NULL) {
  document <- as.list(metrics)
  if (!is.null(slices)) document$slices <- slices
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  if (!is.null(predictions)) {
    if (!all(c("label", "prediction") %in% names(predictions)) || nrow(predictions) == 0)
      stop("predictions need rows with label and prediction")
    utils::write.csv(predictions, file.path(dirname(path), "predictions.csv"), row.names = FALSE)
    document$predictions <- "predictions.csv"
  }
  temporary <- tempfile(".evaluation-", dirname(path))
  writeLines(.refit_json(document), temporary, useBytes = TRUE)
  invisible(file.rename(temporary, path))
}

# The version that serves in the folder that "model.publish.path" names: its path, model and version.
refit_champion <- function(folder) {
  link <- file.path(folder, "current")
  if (!dir.exists(link)) stop("no version serves in ", folder, ": run refit promote first")
  current <- normalizePath(link)
  about <- .refit_parse(paste(readLines(file.path(current, "refit.json"), warn = FALSE), collapse = "\n"))
  names <- setdiff(list.files(current), "refit.json")
  path <- if (length(names) == 1) file.path(current, names) else current
  list(path = path, model = about$model, version = as.integer(about$version))
}

.refit_append <- function(path, line) {
  file <- file(path, "ab")
  on.exit(close(file))
  writeBin(charToRaw(enc2utf8(paste0(.refit_json(line), "\n"))), file)
}

# A list with names becomes an object, a vector of several values an array.
.refit_json <- function(value) {
  if (is.null(value)) return("null")
  if (is.list(value) || length(value) > 1) {
    items <- vapply(seq_along(value), function(i) .refit_json(value[[i]]), "")
    if (is.null(names(value))) return(paste0("[", paste(items, collapse = ","), "]"))
    keys <- vapply(names(value), .refit_text, "")
    return(paste0("{", paste(keys, items, sep = ":", collapse = ","), "}"))
  }
  if (is.factor(value)) value <- as.character(value)
  if (is.na(value)) {
    if (is.numeric(value)) stop("a value is not a number (NA or NaN)")
    return("null")
  }
  if (is.logical(value)) return(if (value) "true" else "false")
  if (!is.numeric(value)) return(.refit_text(as.character(value)))
  if (!is.finite(value)) stop("a value is infinite")
  format(value, digits = 15, scientific = abs(value) >= 1e15 || (value != 0 && abs(value) < 1e-5), trim = TRUE)
}

.refit_text <- function(text) {
  text <- gsub("\\", "\\\\", enc2utf8(text), fixed = TRUE)
  text <- gsub("\"", "\\\"", text, fixed = TRUE)
  for (code in 1:31) text <- gsub(intToUtf8(code), sprintf("\\u%04x", code), text, fixed = TRUE)
  paste0("\"", text, "\"")
}

# A reader of JSON: objects become lists, arrays of plain values vectors.
.refit_parse <- function(text) {
  signs <- strsplit(text, "")[[1]]
  at <- 1
  skip <- function() while (at <= length(signs) && grepl("[ \t\r\n]", signs[at])) at <<- at + 1
  string <- function() {
    start <- at
    at <<- at + 1
    while (signs[at] != "\"") at <<- at + if (signs[at] == "\\") 2 else 1
    at <<- at + 1
    body <- paste(signs[seq_len(at - start - 2) + start], collapse = "")
    if (!grepl("\\", body, fixed = TRUE)) return(body)
    eval(parse(text = paste0("\"", gsub("\\/", "/", body, fixed = TRUE), "\""), keep.source = FALSE))
  }
  value <- function() {
    skip()
    sign <- signs[at]
    if (sign == "\"") return(string())
    if (sign == "{" || sign == "[") {
      isObject <- sign == "{"
      items <- list()
      at <<- at + 1
      repeat {
        skip()
        if (signs[at] %in% c("}", "]")) break
        if (signs[at] == ",") at <<- at + 1
        skip()
        if (signs[at] %in% c("}", "]")) break
        if (isObject) {
          key <- string()
          skip()
          at <<- at + 1
          items[key] <- list(value())
        } else items[length(items) + 1] <- list(value())
      }
      at <<- at + 1
      isPlain <- length(items) > 0 && all(vapply(items, function(one) is.atomic(one) && length(one) == 1, TRUE))
      return(if (!isObject && isPlain) unlist(items) else items)
    }
    start <- at
    while (at <= length(signs) && !grepl("[],} \t\r\n]", signs[at])) at <<- at + 1
    word <- paste(signs[start:(at - 1)], collapse = "")
    switch(word, true = TRUE, false = FALSE, null = NULL, as.numeric(word))
  }
  value()
}
`;
