#include "daemon/commands/command_line.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

#include <fstream>

namespace postern::daemon::commands {
namespace {

struct Outcome {
    int exit_code = 0;
    std::string out;
    std::string errors;
};

Outcome run(std::vector<std::string> words) {
    std::vector<char*> arguments;
    words.insert(words.begin(), "postern");
    for (std::string& word : words) arguments.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.exit_code =
        run_command_line(static_cast<int>(arguments.size()), arguments.data(), SystemClock{});
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.errors = testing::internal::GetCapturedStderr();
    return outcome;
}

struct Case {
    const char* name;
    std::vector<std::string> words;
    int exit_code;
    const char* fragment;  // of either output
};

const Case kCases[] = {
    {"shows examples", {"--help"}, 0, "postern serve"},
    {"shows examples of a command", {"verify", "--help"}, 0, "postern verify --gateway"},
    {"knows its version", {"version"}, 0, "postern "},
    {"knows it where others are asked for it", {"--version"}, 0, "OpenSSL "},
    {"tells programs its version", {"version", "--json"}, 0, R"({"postern":")"},
    {"lists for programs what can be sent", {"send", "--list", "--json"}, 0, R"("event_types":[)"},
    {"tells programs what is wrong",
     {"check", "--json", "--config", "/absent"},
     1,
     R"({"in_order":false,"complaints":[")"},
    {"lists what can be sent", {"send", "--list"}, 0, "payment.succeeded"},
    {"wants a command", {}, 2, "subcommand is required"},
    {"names the closest command", {"verfy"}, 2, "did you mean verify?"},
    {"names the closest verb", {"endpoints", "lst"}, 2, "lst in endpoints; did you mean list?"},
    {"knows no verb of that kind", {"jobs", "zzzzzz"}, 2, "`postern jobs --help` shows them"},
    {"tells its exit codes", {"--help"}, 0, "exit code is 0"},
    {"wants a terminal to draw on", {"top"}, 2, "--once prints one picture"},
    {"draws no JSON", {"top", "--json"}, 2, "only with --once"},
    {"says where to read more", {"endpoints", "show"}, 2, "`postern endpoints show --help`"},
    {"refuses an empty id", {"accounts", "delete", ""}, 2, "id is empty"},
    {"refuses an unknown option", {"check", "--colour"}, 2, "--colour"},
    {"wants something to send", {"send", "stripe"}, 2, "an event type"},
    {"wants at least one", {"send", "stripe", "payment.failed", "--count", "0"}, 2, "count"},
    {"wants a file that is there", {"check", "--config", "/absent"}, 1, "cannot be read"},
};

TEST(CommandLine, AnswersWithTheRightExitCode) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Outcome outcome = run(test_case.words);
        EXPECT_EQ(outcome.exit_code, test_case.exit_code);
        EXPECT_NE((outcome.out + outcome.errors).find(test_case.fragment), std::string::npos)
            << outcome.out << outcome.errors;
    }
}

class CommandLineInFolder : public FolderTest {};

TEST_F(CommandLineInFolder, ChecksAFileAndRefusesToForgeRealMoney) {
    const std::string path = folder_ / "postern.toml";
    std::ofstream{path} << "[[gateway]]\nid = \"shop\"\nkind = \"stripe\"\nmode = \"live\"\n"
                        << "webhook_secrets = [\"whsec_hunter2\"]\n";
    const Outcome checked = run({"check", "--config", path});
    EXPECT_EQ(checked.exit_code, 0) << checked.errors;
    EXPECT_NE(checked.out.find("shop: Stripe, live"), std::string::npos);
    EXPECT_EQ(checked.out.find("hunter2"), std::string::npos);
    const Outcome sent = run({"send", "shop", "payment.succeeded", "--config", path});
    EXPECT_EQ(sent.exit_code, 1);
    EXPECT_NE(sent.errors.find("this gateway is live"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon::commands
