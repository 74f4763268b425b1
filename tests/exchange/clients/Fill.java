import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.xml.parsers.DocumentBuilderFactory;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.transport.payload.ByteArrayPayload;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.xform.util.XFormUtils;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * JavaRosa, the engine inside ODK Collect, fills forms and sends them. Arguments: the app user's address, then for
 * each fill: form, language, person, and answers as "q1=1,q2=0". Prints one line of "key=value" words a step.
 */
public class Fill {
    static String base;

    public static void main(String[] given) throws Exception {
        base = given[0];
        System.out.println("head=" + head());
        for (int at = 1; at < given.length; at += 4) {
            one(given[at], given[at + 1], given[at + 2], given[at + 3]);
        }
    }

    static HttpURLConnection open(String url, String method) throws Exception {
        HttpURLConnection made = (HttpURLConnection) new URL(url).openConnection();
        made.setRequestMethod(method);
        made.setRequestProperty("X-OpenRosa-Version", "1.0");
        return made;
    }

    static byte[] get(String url) throws Exception {
        try (InputStream in = open(url, "GET").getInputStream()) { return in.readAllBytes(); }
    }

    static int head() throws Exception { return open(base + "/submission", "HEAD").getResponseCode(); }

    static String md5(byte[] content) throws Exception {
        StringBuilder out = new StringBuilder("md5:");
        for (byte one : MessageDigest.getInstance("MD5").digest(content)) out.append(String.format("%02x", one));
        return out.toString();
    }

    static Element listed(String url, String tag, String key, String wanted) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        NodeList all = factory.newDocumentBuilder().parse(new ByteArrayInputStream(get(url))).getElementsByTagNameNS("*", tag);
        for (int n = 0; n < all.getLength(); n++) {
            Element found = (Element) all.item(n);
            if (said(found, key).equals(wanted)) return found;
        }
        throw new IllegalStateException("not listed: " + wanted);
    }

    static String said(Element element, String name) {
        return element.getElementsByTagNameNS("*", name).item(0).getTextContent();
    }

    /** Multipart with chunked transfer, as a client may send it that does not know the length. */
    static int post(String xml) throws Exception {
        HttpURLConnection made = open(base + "/submission", "POST");
        made.setDoOutput(true);
        made.setChunkedStreamingMode(512);
        made.setRequestProperty("Content-Type", "multipart/form-data; boundary=xYz");
        String top = "--xYz\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"f.xml\"\r\n"
            + "Content-Type: text/xml\r\n\r\n";
        try (OutputStream out = made.getOutputStream()) {
            out.write((top + xml + "\r\n--xYz--\r\n").getBytes(StandardCharsets.UTF_8));
        }
        return made.getResponseCode();
    }

    static void one(String form, String language, String person, String answers) throws Exception {
        Element row = listed(base + "/formList", "xform", "formID", form);
        byte[] content = get(said(row, "downloadUrl"));
        boolean whole = md5(content).equals(said(row, "hash"));
        Path folder = Files.createTempDirectory("form");
        Element media = listed(said(row, "manifestUrl"), "mediaFile", "filename", "people.csv");
        byte[] people = get(said(media, "downloadUrl"));
        whole &= md5(people).equals(said(media, "hash")) && "entityList".equals(media.getAttribute("type"));
        Files.write(folder.resolve("people.csv"), people);
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(new org.javarosa.core.reference.PrefixedRootFactory(new String[] {"file-csv/", "file/"}) {
            protected org.javarosa.core.reference.Reference factory(String terminal, String uri) {
                return new LocalFile(folder.resolve(new File(terminal).getName()));
            }
        });
        String model = new String(content, StandardCharsets.UTF_8);
        FormDef def = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(content));
        FormEntryModel entry = new FormEntryModel(def);
        FormEntryController controller = new FormEntryController(entry);
        def.initialize(true, new InstanceInitializationFactory());
        if (entry.getLanguages() != null) {
            for (String name : entry.getLanguages()) if (name.contains("(" + language + ")")) controller.setLanguage(name);
        }
        Map<String, String> wanted = new LinkedHashMap<>();
        for (String pair : answers.split(",")) wanted.put(pair.split("=")[0], pair.split("=")[1]);
        wanted.put("person", person);
        wanted.put("asked_in", language);
        int given = 0, cards = 0;
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = controller.stepToNextEvent(); event != FormEntryController.EVENT_END_OF_FORM; event = controller.stepToNextEvent()) {
            if (event != FormEntryController.EVENT_QUESTION) continue;
            FormEntryPrompt prompt = entry.getQuestionPrompt();
            String name = prompt.getIndex().getReference().getNameLast();
            if (name.startsWith("now_")) cards++;
            if (!wanted.containsKey(name)) continue;
            SelectChoice chosen = null;
            for (SelectChoice choice : prompt.getSelectChoices()) if (choice.getValue().equals(wanted.get(name))) chosen = choice;
            if (chosen == null) throw new IllegalStateException(name + " has no such answer");
            controller.answerQuestion(prompt.getIndex(), new SelectOneData(new Selection(chosen)), false);
            given++;
        }
        def.postProcessInstance();
        FormInstance instance = entry.getForm().getInstance();
        XFormSerializingVisitor visitor = new XFormSerializingVisitor();
        ByteArrayPayload payload = (ByteArrayPayload) visitor.createSerializedPayload(instance);
        String xml;
        try (InputStream in = payload.getPayloadStream()) { xml = new String(in.readAllBytes(), StandardCharsets.UTF_8); }
        int first = post(xml), again = post(xml), changed = post(xml.replaceFirst("<q1>[^<]*<", "<q1>3<"));
        String id = xml.replaceAll("(?s).*instanceID[^>]*>([^<]+)<.*", "$1");
        String edit = xml.replaceFirst("(<([\\w:]*)instanceID[^>]*>)[^<]+(</[\\w:]*instanceID>)",
            "$1uuid:" + UUID.randomUUID() + "$3<$2deprecatedID>" + id + "</$2deprecatedID>");
        System.out.println(String.join(" ", "form=" + form, "language=" + language, "whole=" + whole, "given=" + given,
            "cards=" + cards, "first=" + first, "again=" + again, "changed=" + changed, "edit=" + post(edit),
            "unknown=" + post(xml.replaceFirst(" id=\"[^\"]+\"", " id=\"nothing-known\"")),
            "never=" + post(xml.replaceFirst(" version=\"[^\"]+\"", " version=\"never-offered\""))));
    }

    record LocalFile(Path path) implements org.javarosa.core.reference.Reference {
        public boolean doesBinaryExist() { return Files.exists(path); }
        public InputStream getStream() throws java.io.IOException { return Files.newInputStream(path); }
        public String getURI() { return path.toUri().toString(); }
        public String getLocalURI() { return path.toString(); }
        public boolean isReadOnly() { return true; }
        public OutputStream getOutputStream() { throw new UnsupportedOperationException(); }
        public void remove() { throw new UnsupportedOperationException(); }
        public org.javarosa.core.reference.Reference[] probeAlternativeReferences() { return new org.javarosa.core.reference.Reference[0]; }
    }
}
