#include "daemon/commands/backup.hpp"

#include "core/bytes.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/running_sha256.hpp"
#include "daemon/commands/backup_file.hpp"
#include "daemon/commands/control_client.hpp"
#include "daemon/commands/progress_line.hpp"
#include "daemon/commands/shared_store.hpp"
#include "daemon/control_side.hpp"

#include <cstdio>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kBackups = "/control/backups";

// A copy that the daemon holds ready.
struct ReadyBackup {
    std::string id;
    BackupHead head;
    std::string data_dir;
};

std::string target_of(std::string_view id) {
    std::string target{kBackups};
    target += '/';
    target += id;
    return target;
}

ReadyBackup ready_backup(JsonValue root) {
    return {
        .id = std::string{root["id"].string()},
        .head =
            {.bytes = static_cast<std::uint64_t>(root["bytes"].integer().value_or(0)),
             .sha256 = std::string{root["sha256"].string()},
             .taken_at = std::string{root["taken_at"].string()},
             .version = std::string{root["version"].string()}},
        .data_dir = std::string{root["data_dir"].string()}};
}

void show(ProgressLine& line, JsonValue root) {
    const Done done{
        .done = root["pages_done"].integer().value_or(0),
        .total = root["pages_total"].integer().value_or(0)};
    if (root["state"].string() == "copying") {
        line.show("copying", done);
    } else {
        line.show("checking the copy; copied", done);
    }
}

// The daemon answers after a moment while it goes on, so this is no circle without pause.
Result<ReadyBackup, Complaint> make_backup(ControlClient& client, ProgressLine& line) {
    ControlClient::Call call{.method = "POST", .target = std::string{kBackups}};
    for (;;) {
        const auto answer = client.ask(call);
        if (!answer) return answer.error();
        if (answer->status > 299) return explain_control_refusal(*answer);
        const auto document = JsonDocument::parse(answer->body);
        if (!document) return Complaint{"the daemon's answer is none; is it another version's?"};
        const JsonValue root = document->root();
        const std::string_view state = root["state"].string();
        if (state == "ready") return ready_backup(root);
        if (state == "failed") {
            return Complaint{"no backup was made: " + printable(root["why"].string())};
        }
        show(line, root);
        call = {.method = "GET", .target = target_of(root["id"].string())};
    }
}

Result<void, Complaint>
fetch(ControlClient& client, const ReadyBackup& backup, BackupOutput& output) {
    ProgressLine line;
    if (auto written = output.write(to_line(backup.head)); !written) return written.error();
    RunningSha256 digest;
    std::uint64_t offset = 0;
    while (offset < backup.head.bytes) {
        std::string target = target_of(backup.id);
        target += "/bytes?offset=" + std::to_string(offset);
        const auto answer = client.ask({.method = "GET", .target = std::move(target)});
        if (!answer) return answer.error();
        if (answer->status != 200) return explain_control_refusal(*answer);
        if (answer->body.empty()) return Complaint{"the copy ends before its end"};
        digest.add(answer->body);
        if (auto written = output.write(answer->body); !written) return written.error();
        offset += answer->body.size();
        line.show(
            "fetching",
            {.done = static_cast<std::int64_t>(offset),
             .total = static_cast<std::int64_t>(backup.head.bytes)}
        );
    }
    if (to_hex(digest.finish()) != backup.head.sha256) {
        return Complaint{"the copy changed on its way: no backup was made"};
    }
    return output.finish();
}

std::string report_text(const ReadyBackup& backup) {
    std::string text = "Backed up all that was committed by " + printable(backup.head.taken_at);
    text += ": " + std::to_string(backup.head.bytes) + " bytes, SHA-256 ";
    text += printable(backup.head.sha256) + ".\n";
    text += "Pages, references and books of the copy are in order.\n";
    text += "Its secrets are sealed. To read them, a restored store needs " + backup.data_dir;
    text +=
        "/secrets.key;\nkeep a copy of that, of the folder sandbox beside it and of the "
        "configuration, apart from\nthe backup.\n";
    return text;
}

std::string report_json(const ReadyBackup& backup, std::string_view file) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("file", file);
    writer.member_integer("bytes", static_cast<std::int64_t>(backup.head.bytes));
    writer.member("sha256", backup.head.sha256);
    writer.member("taken_at", backup.head.taken_at);
    writer.member("version", backup.head.version);
    writer.member("secrets_key", backup.data_dir + "/secrets.key");
    writer.end_object();
    json += '\n';
    return json;
}

// What programs read goes to standard output, unless that is the backup.
void tell(const ReadyBackup& backup, const BackupOptions& options) {
    const bool json = options.output == Output::json;
    const std::string text = json ? report_json(backup, options.file) : report_text(backup);
    if (json && options.file != "-") return print(text);
    std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

int run_backup(const BackupOptions& options) {
    const auto config = load_places(options.config);
    if (!config) return complain_of_all(config.error());
    if (const auto complaint = complaint_about_copying(*config)) {
        complain(*complaint);
        return kExitUsage;
    }
    const std::filesystem::path socket = control_socket_path(*config);
    if (socket.empty()) {
        return complain(
            {"control_socket is off in this configuration: stop the daemon, and copy "
             "its data folder"}
        );
    }
    auto client = ControlClient::connect(socket);
    if (!client) return complain(client.error());
    auto output = BackupOutput::open(options.file);
    if (!output) return complain(output.error());
    const auto backup = [&client] {
        ProgressLine line;
        return make_backup(*client, line);
    }();
    if (!backup) return complain(backup.error());
    const auto fetched = fetch(*client, *backup, *output);
    // If this is lost, the daemon drops the copy by itself a little later.
    static_cast<void>(client->ask({.method = "DELETE", .target = target_of(backup->id)}));
    if (!fetched) return complain(fetched.error());
    tell(*backup, options);
    return kExitFine;
}

}  // namespace postern::daemon::commands
