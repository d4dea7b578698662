#pragma once

#include "core/result.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace postern::daemon::commands {

struct ControlAnswer {
    int status = 0;
    std::string body;
};

// The command line's end of the control socket: one request at a time, each waited for.
class ControlClient {
 public:
    ~ControlClient();
    ControlClient(ControlClient&&) noexcept;

    // How long an answer is waited for. The daemon answers after a moment even of long work, so
    // one that is silent hangs, and must not hang a nightly job with it.
    static constexpr std::chrono::milliseconds kPatience = std::chrono::minutes{2};

    // The complaint says what to do when nobody is there.
    static Result<ControlClient, Complaint>
    connect(const std::filesystem::path& socket, std::chrono::milliseconds patience = kPatience);

    struct Call {
        std::string method;
        std::string target;
    };
    Result<ControlAnswer, Complaint> ask(const Call& call);

 private:
    struct Line;
    explicit ControlClient(std::unique_ptr<Line> line);
    std::unique_ptr<Line> line_;
};

// What a person is told of an answer that is no success.
Complaint explain_control_refusal(const ControlAnswer& answer);

}  // namespace postern::daemon::commands
