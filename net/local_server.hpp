#pragma once

#include "net/http_server.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace postern::net {

struct LocalServerOptions {
    std::string name;  // in logs and metrics
    std::filesystem::path path;
    HttpLimits limits;
};

// HTTP over a Unix socket, for whoever operates the daemon on its own machine. Only root and the
// user that the daemon runs as are heard: the kernel says who is there, so there is no secret. Once
// started it goes after its thread has ended.
class LocalServer {
 public:
    struct Parts {
        IoThread& thread;  // all connections live on it
        HttpHandler& handler;
        MetricRegistry& metrics;
    };
    LocalServer(const Parts& parts, LocalServerOptions options);
    ~LocalServer();

    // A path longer than this is none that the kernel takes.
    static constexpr std::size_t kPathBytesMax = 107;

    // Takes the place of a socket file that nobody answers on, as a killed daemon leaves it; one
    // that answers is somebody else's.
    Result<void, Complaint> start();
    // Requests that are read are answered; the file goes. True when all connections are gone in
    // time. Once, and only while the thread runs.
    bool stop();

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::net
