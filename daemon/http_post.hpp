#pragma once

#include "core/result.hpp"
#include "daemon/http_url.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace postern::daemon {

struct PostRequest {
    HttpUrl url;
    std::string method = "POST";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // Our own listener's certificate: trusted as it is, whatever name it bears. Empty: the
    // system's roots and the name in the URL decide.
    std::filesystem::path trusted_certificate;
    std::chrono::seconds timeout{30};
    // A received webhook with its body in base64, as large as the configuration lets one be.
    std::uint64_t reply_bytes_max = 96 * 1024 * 1024;
};

struct PostReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// One request on a connection of its own, for the command line: blocks until the reply is there.
Result<PostReply, Complaint> http_post(const PostRequest& request);

// The same over a connection that is kept from one request to the next, which all go to one place.
// A kept connection that has ended meanwhile is replaced once, so a request may arrive twice. One
// that is too slow is not: whoever waits has waited enough.
class KeptConnection {
 public:
    KeptConnection();
    ~KeptConnection();
    KeptConnection(const KeptConnection&) = delete;
    KeptConnection& operator=(const KeptConnection&) = delete;

    Result<PostReply, Complaint> post(const PostRequest& request);

    // Ends the exchange that is under way, and all that would follow. Any thread.
    void abandon();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::daemon
