#pragma once

#include "core/result.hpp"
#include "daemon/http_url.hpp"

#include <chrono>
#include <filesystem>
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
};

struct PostReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// One request on a connection of its own, for the command line: blocks until the reply is there.
Result<PostReply, Complaint> http_post(const PostRequest& request);

}  // namespace postern::daemon
