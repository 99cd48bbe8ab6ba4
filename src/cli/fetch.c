#include "cli/fetch.h"

#include "base/buf.h"

#include <curl/curl.h>

#define REPLY_BYTES_MAX (16u << 20)

static size_t take_bytes(char *data, size_t size, size_t n, void *arg)
{
    return buf_add_mem(arg, data, size * n) ? size * n : 0;
}

long fetch(struct arena *a, const char *url, struct str body, const char *const *headers, struct str *reply,
           struct err *err)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *lines = curl_slist_append(NULL, "Content-Type: application/json");
    struct buf out;
    long status = 0;

    buf_init(&out, REPLY_BYTES_MAX);
    for (; headers && *headers; headers++)
        lines = curl_slist_append(lines, *headers);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out);
    if (body.p) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
    }
    CURLcode rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(lines);
    *reply = arena_str(a, buf_str(&out));
    buf_free(&out);
    if (rc != CURLE_OK)
        return err_set(err, "FETCH", "%s does not answer: %s", url, curl_easy_strerror(rc));
    return status;
}
