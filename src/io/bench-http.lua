-- POST of 192 bytes, for wrk
wrk.method = "POST"
wrk.body = string.rep("q", 192)
wrk.headers["Content-Type"] = "application/json"
